/** How far a simulation is, on standard error: a line that is rewritten on a terminal, one every few seconds elsewhere. */
import { formatDuration } from "../base/units.ts";
import type { SwarmSimulation } from "../simulator/swarm-simulation.ts";
import type { CommandIo } from "./command.ts";

const quietMs = 5000;
const barWidth = 20;

export class SimProgress {
  readonly #io: Pick<CommandIo, "err" | "isErrTerminal" | "errColumns">;
  readonly #simulation: SwarmSimulation;
  readonly #realMs: () => number;
  readonly #beganMs: number;
  #saidMs: number;
  readonly #label: string;

  constructor(
    io: Pick<CommandIo, "err" | "isErrTerminal" | "errColumns">,
    simulation: SwarmSimulation,
    realMs: () => number,
    label = "",
  ) {
    this.#label = label;
    this.#io = io;
    this.#simulation = simulation;
    this.#realMs = realMs;
    this.#beganMs = realMs();
    this.#saidMs = this.#beganMs;
  }

  show(): void {
    const now = this.#realMs();
    if (this.#io.isErrTerminal) {
      this.#io.err(`\r\x1b[K${this.#text(now).slice(0, Math.max(1, this.#io.errColumns() - 1))}`);
    } else if (now - this.#saidMs >= quietMs) {
      this.#saidMs = now;
      this.#io.err(`${this.#text(now)}\n`);
    }
  }

  end(): void {
    if (this.#io.isErrTerminal) this.#io.err("\r\x1b[K");
  }

  #text(now: number): string {
    const { plan, nodes, nowMs, world } = this.#simulation;
    const peers = nodes.filter((node) => !node.plan.isSeed);
    const wanted = plan.nodes.filter((node) => !node.isSeed).length * plan.pieceCount;
    const part = wanted === 0 ? 1 : peers.reduce((sum, node) => sum + node.pieceCount, 0) / wanted;
    const complete = peers.filter((node) => node.completedMs !== undefined).length;
    const full = Math.floor(part * barWidth);
    const speed = nowMs / Math.max(1, now - this.#beganMs);
    return (
      `${this.#label}[${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${Math.floor(100 * part)}% after ${formatDuration(nowMs / 1000)}, ` +
      `${complete} of ${peers.length} complete, ${speed < 10 ? speed.toFixed(1) : Math.round(speed)} × real time, ${world.events} events`
    );
  }
}
