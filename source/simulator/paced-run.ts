/**
 * A simulation that somebody watches: its time passes so many times as fast as the real one, stands still, or goes on by one
 * step. Where the machine is too slow for what is wanted, it is as fast as the machine. What the watchers ask of engines
 * happens between two turns of the world; which turn that is follows from real time, and not from the seed.
 */
import type { Clock, Timer } from "../ports/clock.ts";
import type { Turns } from "../ports/turns.ts";
import type { SwarmSimulation } from "./swarm-simulation.ts";

export interface PacedRunPorts {
  readonly turns: Pick<Turns, "realMs">;
  /** The real one. */
  readonly clock: Pick<Clock, "after">;
}

/** Times real time. */
export const speedMin = 1 / 8;
export const speedMax = 65_536;
export const speedDefault = 60;

/** Between two looks at what is due, real milliseconds: more often than anybody looks. */
const lookMs = 20;
/** What was missed by more, in real milliseconds, is not made up for: the machine is too slow, or slept. */
const debtMs = 250;
/** Over which the true speed is measured, real milliseconds. */
const measureMs = 1000;
/** Steps that wait, at most: of a key that is held down. */
const stepsMax = 100;
const stepSecondMs = 1000;

export type Step = "second" | "event";

export class PacedRun {
  readonly #simulation: SwarmSimulation;
  readonly #ports: PacedRunPorts;
  #speed: number;
  #isPaused = false;
  #isStopped = false;
  readonly #steps: Step[] = [];
  /** From here on time is counted. */
  #anchor = { realMs: 0, virtualMs: 0 };
  #measure = { realMs: 0, virtualMs: 0 };
  #actualSpeed = 0;
  /** Something was asked for: what is under way is to be cut short. */
  #isAsked = false;
  #wake: () => void = () => {};

  /** @param speed `speedMin` … `speedMax`. */
  constructor(simulation: SwarmSimulation, ports: PacedRunPorts, speed: number) {
    this.#simulation = simulation;
    this.#ports = ports;
    this.#speed = speed;
  }

  /** As it is wanted. */
  get speed(): number {
    return this.#speed;
  }

  /** Of the last second; 0 while it stands still. */
  get actualSpeed(): number {
    return this.#isPaused || this.isOver ? 0 : this.#actualSpeed;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Nothing more is to come. */
  get isOver(): boolean {
    const { isComplete, nowMs, plan } = this.#simulation;
    return isComplete || nowMs >= plan.endMs;
  }

  /** Twice or half as fast. */
  faster(): void {
    this.#setSpeed(this.#speed * 2);
  }

  slower(): void {
    this.#setSpeed(this.#speed / 2);
  }

  pauseOrResume(): void {
    this.#isPaused = !this.#isPaused;
    this.#steps.length = 0;
    this.#ask();
  }

  /** Pauses after it. */
  step(step: Step): void {
    this.#isPaused = true;
    if (this.#steps.length < stepsMax) this.#steps.push(step);
    this.#ask();
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.#ask();
  }

  /** Until `stop`: where the swarm is over, too, for whoever still looks. @throws what went wrong in the world. */
  async run(): Promise<void> {
    this.#begin();
    while (!this.#isStopped) {
      this.#isAsked = false;
      const step = this.#steps.shift();
      if (step !== undefined) await this.#take(step);
      else if (this.#isPaused || this.isOver) await this.#wait(undefined);
      else {
        await this.#follow();
        continue;
      }
      this.#begin();
    }
  }

  #setSpeed(speed: number): void {
    this.#speed = Math.min(speedMax, Math.max(speedMin, speed));
    this.#begin();
    this.#ask();
  }

  #ask(): void {
    this.#isAsked = true;
    this.#wake();
  }

  async #take(step: Step): Promise<void> {
    const simulation = this.#simulation;
    if (step === "second") await simulation.run(() => this.#isStopped, simulation.nowMs + stepSecondMs);
    else {
      const { events } = simulation.world;
      await simulation.run(() => simulation.world.events > events);
    }
  }

  /** Up to what is due now, or a moment of waiting. */
  async #follow(): Promise<void> {
    const simulation = this.#simulation;
    const { realMs, virtualMs } = this.#anchor;
    const wantedMs = virtualMs + (this.#ports.turns.realMs() - realMs) * this.#speed;
    const dueMs = Math.min(wantedMs, simulation.nowMs + debtMs * this.#speed);
    if (dueMs > simulation.nowMs) await simulation.run(() => this.#isAsked, dueMs);
    const passedMs = this.#ports.turns.realMs() - this.#anchor.realMs;
    const missedMs = passedMs - (simulation.nowMs - this.#anchor.virtualMs) / this.#speed;
    if (missedMs > debtMs) this.#anchor = this.#here();
    this.#look();
    if (missedMs < lookMs) await this.#wait(lookMs - missedMs);
  }

  #look(): void {
    const here = this.#here();
    const ms = here.realMs - this.#measure.realMs;
    if (ms < measureMs) return;
    this.#actualSpeed = (here.virtualMs - this.#measure.virtualMs) / ms;
    this.#measure = here;
  }

  #begin(): void {
    this.#anchor = this.#here();
    this.#measure = this.#anchor;
    this.#actualSpeed = this.#speed;
  }

  #here(): { readonly realMs: number; readonly virtualMs: number } {
    return { realMs: this.#ports.turns.realMs(), virtualMs: this.#simulation.nowMs };
  }

  /** So long, or until something is asked for. */
  async #wait(ms: number | undefined): Promise<void> {
    if (this.#isAsked) return;
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== undefined) timer = this.#ports.clock.after(ms, resolve);
    });
    timer?.cancel();
    this.#wake = () => {};
  }
}
