/**
 * A world in one process: time, network, tracker and chance, of which every engine in it has its share through ports.
 * Whatever happens, happens in one order that follows from the seed; `traceHash` is the digest of all that was read.
 */
import { SeededRandom } from "../base/random.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { Turns } from "../ports/turns.ts";
import type { TrackerOptions } from "../tracker/tracker.ts";
import { TraceHash } from "./trace-hash.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { SamplingHasher } from "./virtual-content.ts";
import { type NetworkObserver, VirtualNetwork } from "./virtual-network.ts";
import { VirtualTracker } from "./virtual-tracker.ts";

export interface WorldPorts {
  readonly turns: Turns;
  /** For what is short, info hashes above all; pieces are hashed by a cheaper one. */
  readonly hasher: Hasher;
}

export interface WorldOptions {
  /** 0 … 2^32 - 1. */
  readonly seed: number;
  readonly tracker?: TrackerOptions;
  /** See `VirtualNetwork`. */
  readonly mustScrub?: boolean;
}

/** How long the real world waits, in milliseconds. */
const breathMs = 15;
/**
 * How long a turn lasts: what happens within one virtual millisecond happens before promises go on. A network of a thousand
 * engines has a dozen events in it, and no path is as short.
 */
export const turnMs = 1;

export class World {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly hasher: Hasher;
  readonly network: VirtualNetwork;
  readonly tracker: VirtualTracker;
  readonly trace: TraceHash;
  readonly #turns: Turns;
  #failure: unknown;
  #turnBeganMs = 0;
  #mustSettle = false;
  /** What has happened so far. */
  events = 0;

  constructor(ports: WorldPorts, { seed, tracker, mustScrub }: WorldOptions) {
    this.#turns = ports.turns;
    this.random = new SeededRandom(seed);
    this.hasher = new SamplingHasher(ports.hasher);
    this.network = new VirtualNetwork(this.clock, this.random.fork(), mustScrub);
    this.tracker = new VirtualTracker(this.clock, this.random.fork(), tracker);
    this.trace = new TraceHash(this.clock);
    this.network.observer = this.trace;
  }

  /** Looks on besides the trace. */
  observe(observer: NetworkObserver): void {
    const { trace } = this;
    this.network.observer = {
      delivered: (to, bytes) => {
        trace.delivered(to, bytes);
        observer.delivered(to, bytes);
      },
      opened: (dialler) => {
        trace.opened(dialler);
        observer.opened(dialler);
      },
      closed: (end) => {
        trace.closed(end);
        observer.closed(end);
      },
      sent: (from, buffers) => observer.sent?.(from, buffers),
      turnEnded: () => observer.turnEnded?.(),
    };
  }

  /** Something went wrong that must not: `run` throws it. The first counts. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  /**
   * Lets time pass until `endMs`, or until `isDone` says so, which is asked after every event.
   * @throws what `fail` was told, and whatever an engine throws.
   */
  async run(endMs: number, isDone: () => boolean = () => false): Promise<void> {
    const { clock } = this;
    await this.#turns.settle();
    let breathedMs = this.#turns.realMs();
    while (!isDone()) {
      if (this.#mustSettle && !((clock.nextDueMs ?? endMs) < this.#turnBeganMs + turnMs)) {
        await this.#turns.settle();
        this.#turnEnded();
        // Only here: in the middle of a turn promises would go on, sooner or later as the real time has it.
        if (this.#turns.realMs() - breathedMs > breathMs) {
          await this.#turns.breathe();
          breathedMs = this.#turns.realMs();
        }
      }
      const ran = clock.step(endMs);
      if (ran === undefined) {
        clock.reach(endMs);
        break;
      }
      if (ran) this.#mustSettle = true;
      this.events++;
      if (this.#failure !== undefined) throw this.#failure;
    }
    await this.#turns.settle();
    this.#turnEnded();
  }

  #turnEnded(): void {
    this.#mustSettle = false;
    this.network.observer?.turnEnded?.();
    this.#turnBeganMs = this.clock.nowMs();
  }
}
