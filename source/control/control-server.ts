/**
 * The engine's end of the conversation with any number of UIs and scripts, each on a channel of its own: greeting,
 * requests, notices, and subscriptions that are published at a bounded rate.
 *
 * Frames leave at common ticks, four a second; a changed or newly acknowledged subscription gets one sooner, but never
 * more than ten a second. At most one frame per subscription is unacknowledged. One timer serves everybody, and there
 * is none while nobody watches.
 */
import type { Clock, Timer } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import type { Channel } from "./channel.ts";
import { ControlConnection, type ControlServerOptions } from "./control-connection.ts";
import type { ControlTarget } from "./control-target.ts";
import { clientsMax } from "./limits.ts";
import type { EngineMessage } from "./protocol.ts";

export type { ControlServerOptions } from "./control-connection.ts";

export class ControlServer {
  readonly #clock: Clock;
  readonly #target: ControlTarget;
  readonly #options: ControlServerOptions;
  readonly #connections = new Set<ControlConnection>();
  readonly #stopListening: () => void;
  readonly #emptied: (() => void)[] = [];
  #timer: Timer | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(ports: Pick<Ports, "clock">, target: ControlTarget, options: ControlServerOptions) {
    this.#clock = ports.clock;
    this.#target = target;
    this.#options = options;
    this.#stopListening = target.onNotice((notice) => {
      for (const connection of [...this.#connections]) connection.notify(notice);
    });
  }

  /** Clients that have said hello and are still there. */
  get clientCount(): number {
    let count = 0;
    for (const connection of this.#connections) if (connection.isGreeted) count++;
    return count;
  }

  /** Takes the channel over. Call it before anything can arrive on it. */
  attach(channel: Channel<EngineMessage, unknown>): void {
    if (this.#isClosed || this.#connections.size >= clientsMax) {
      channel.close();
      return;
    }
    const connection = new ControlConnection(this.#clock, this.#target, this.#options, channel, {
      onDue: () => this.#arm(),
      onEnd: () => {
        this.#connections.delete(connection);
        this.#arm();
        if (this.#connections.size === 0) for (const listener of [...this.#emptied]) listener();
      },
    });
    this.#connections.add(connection);
  }

  /** Called each time the last client has gone. */
  onEmpty(listener: () => void): void {
    this.#emptied.push(listener);
  }

  /** Ends every connection and lets go of the target. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#emptied.length = 0;
    this.#stopListening();
    for (const connection of [...this.#connections]) connection.close();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Sets the one timer for whoever is due next. */
  #arm(): void {
    let dueMs = Number.POSITIVE_INFINITY;
    if (!this.#isClosed) for (const connection of this.#connections) dueMs = Math.min(dueMs, connection.dueMs);
    if (dueMs === this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    for (const connection of [...this.#connections]) connection.publish(nowMs);
    this.#arm();
  }
}
