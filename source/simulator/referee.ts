/**
 * Looks on at a simulated swarm, and fails its world where something happens that never may. What is checked:
 *
 * - Nobody has, announces or serves a piece of which a byte was not delivered to it, as it should be, by somebody who had it.
 * - What an engine writes is allowed by what it had read: nobody asks or sends while choked, or what is not asked for.
 * - What an engine says of itself (flags, requests, counts, bytes) is what its lines show, and its books agree.
 * - No more are unchoked than there are slots, and nothing that others can fill has no bound.
 * - In the end (`conclude`): everybody who should is complete, and nothing is left, neither timers nor connections.
 *
 * Messages are judged when they are written and read, a node's state at the end of each turn in which it wrote or read;
 * all books of all nodes every `eventsPerSweep` events and in the end. Observing changes nothing: traces stay the same.
 */
import { Geometry } from "../metainfo/geometry.ts";
import { LineEnd } from "./referee/line-end.ts";
import { NodeJudge, type Report } from "./referee/node-judge.ts";
import { LastMessages, Violation } from "./referee/violation.ts";
import { contentLength } from "./swarm-plan.ts";
import type { SwarmSimulation } from "./swarm-simulation.ts";
import type { VirtualConnection } from "./virtual-connection.ts";
import type { NetworkObserver, VirtualHost } from "./virtual-network.ts";

const turnsPerSweep = 4096;
/** For what has still to end after everybody has left: dials that nobody answers, last words. */
const drainMs = 120_000;

export class Referee implements NetworkObserver {
  readonly #simulation: SwarmSimulation;
  readonly #judges = new Map<VirtualHost, NodeJudge>();
  readonly #ends = new Map<VirtualConnection, LineEnd>();
  /** Both ends of every connection, engines' and others'. */
  readonly #open = new Set<VirtualConnection>();
  readonly #touched = new Set<NodeJudge>();
  #turns = 0;
  /** The first is what counts; more may follow from it. */
  readonly violations: Violation[] = [];

  constructor(simulation: SwarmSimulation) {
    this.#simulation = simulation;
    simulation.world.observe(this);
  }

  // ── NetworkObserver ────────────────────────────────────────────────────────────────────────────────────────────

  opened(dialler: VirtualConnection): void {
    const { other } = dialler;
    if (other === undefined) return;
    const messages = new LastMessages();
    this.#join(dialler, other, messages);
    this.#join(other, dialler, messages);
  }

  sent(from: VirtualConnection, buffers: readonly Uint8Array[]): void {
    const end = this.#ends.get(from);
    if (end === undefined) return;
    end.wrote(buffers);
    this.#touch(from);
  }

  delivered(to: VirtualConnection, bytes: Uint8Array): void {
    const end = this.#ends.get(to);
    if (end === undefined) return;
    end.reads(bytes);
    this.#touch(to);
  }

  closed(connection: VirtualConnection): void {
    this.#open.delete(connection);
    const end = this.#ends.get(connection);
    if (end === undefined) return;
    end.isOver = true;
    this.#touch(connection);
    this.#ends.delete(connection);
  }

  turnEnded(): void {
    if (++this.#turns % turnsPerSweep === 0) {
      this.sweep();
      return;
    }
    for (const judge of this.#touched) judge.look(false);
    this.#touched.clear();
  }

  // ── all at once ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Looks at everything of everybody. */
  sweep(): void {
    for (const judge of this.#judges.values()) judge.look(true);
    this.#touched.clear();
  }

  /**
   * To be called when the run is over: looks at everything, has everybody leave, and looks for what is left.
   * @throws Violation.
   */
  async conclude(): Promise<void> {
    const simulation = this.#simulation;
    const { clock } = simulation.world;
    this.sweep();
    this.#throwFirst();
    const missing = simulation.nodes.filter((node) => !node.isGone && node.completedMs === undefined);
    if (!simulation.isComplete) {
      const detail = missing.map((node) => `${node.plan.name} has ${node.pieceCount}`).join(", ");
      this.#found("not everybody completes", detail);
    }
    await simulation.close();
    await simulation.world.run(clock.nowMs() + drainMs);
    this.#throwFirst();
    if (this.#open.size > 0) this.#found("connections are left open", [...this.#open].map(nameOf).join(", "));
    if (clock.pendingTimers > 0) this.#found("timers are left", `${clock.pendingTimers}`);
    this.#throwFirst();
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #join(connection: VirtualConnection, other: VirtualConnection, messages: LastMessages): void {
    this.#open.add(connection);
    const judge = this.#judgeAt(connection.host);
    if (judge === undefined) return;
    const otherName = this.#judgeAt(other.host)?.name ?? other.host.address;
    const end = new LineEnd(judge, connection, otherName, this.#simulation.world.clock, messages);
    this.#ends.set(connection, end);
    judge.lines.add(end);
  }

  /** `undefined` for a host that is no engine's. */
  #judgeAt(host: VirtualHost): NodeJudge | undefined {
    const known = this.#judges.get(host);
    if (known !== undefined) return known;
    const node = this.#simulation.nodes.find((one) => one.host === host);
    if (node === undefined) return undefined;
    const { plan, torrent } = this.#simulation;
    const { content } = torrent;
    const geometry = new Geometry(plan.pieceLength, contentLength(plan));
    const nowMs = () => this.#simulation.nowMs;
    const judge = new NodeJudge(
      node,
      { geometry, matches: (at, data) => isEqual(content.span(at, data.length), data) },
      nowMs,
      this.#report,
    );
    this.#judges.set(host, judge);
    return judge;
  }

  #touch(connection: VirtualConnection): void {
    const judge = this.#judges.get(connection.host);
    if (judge !== undefined) this.#touched.add(judge);
  }

  readonly #report: Report = (judge, rule, detail, line) => {
    const nodes = line === undefined ? [judge.name] : [judge.name, line.otherName];
    this.#violated(nodes, rule, detail, line?.messages.lines() ?? []);
  };

  #found(rule: string, detail: string): void {
    this.#violated([], rule, detail, []);
  }

  #violated(nodes: readonly string[], rule: string, detail: string, lastMessages: readonly string[]): void {
    const violation = new Violation(this.#simulation.nowMs, nodes, rule, detail, lastMessages);
    if (this.violations.length < 100) this.violations.push(violation);
    this.#simulation.world.fail(violation);
  }

  #throwFirst(): void {
    const [first] = this.violations;
    if (first !== undefined) throw first;
  }
}

function nameOf({ host, remote }: VirtualConnection): string {
  return `${host.address} → ${remote.address}`;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
