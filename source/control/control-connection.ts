/**
 * One client as the control server sees it. Nothing is believed before it is checked, nothing is answered before the
 * greeting, and a client that breaks the protocol or asks for more than the limits loses its connection; where it is but a
 * command that cannot be understood, that one is refused.
 */
import { codeOf, messageOf, ProtocolError } from "../base/errors.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Channel } from "./channel.ts";
import type { ControlTarget } from "./control-target.ts";
import { FrameSource } from "./frame-source.ts";
import { pendingRequestsMax, subscriptionsMax } from "./limits.ts";
import {
  type ClientMessage,
  type Command,
  type EngineMessage,
  type Notice,
  protocolVersion,
  type Topic,
} from "./protocol.ts";
import { parseClientMessage, requestIdIn } from "./validate.ts";

export interface ControlServerOptions {
  readonly version: string;
  readonly profile: string;
  readonly pid: number;
}

/** A client that is not there yet after this long is not one of ours. */
const helloTimeoutMs = 10_000;

export interface ControlConnectionEvents {
  /** `dueMs` may have changed. */
  onDue(): void;
  /** Once. */
  onEnd(): void;
}

export class ControlConnection {
  readonly #clock: Clock;
  readonly #target: ControlTarget;
  readonly #options: ControlServerOptions;
  readonly #channel: Channel<EngineMessage, unknown>;
  readonly #events: ControlConnectionEvents;
  readonly #sources = new Map<number, FrameSource>();
  #helloTimer: Timer | undefined;
  #pendingRequests = 0;
  #isGreeted = false;
  #isEnded = false;

  constructor(
    clock: Clock,
    target: ControlTarget,
    options: ControlServerOptions,
    channel: Channel<EngineMessage, unknown>,
    events: ControlConnectionEvents,
  ) {
    this.#clock = clock;
    this.#target = target;
    this.#options = options;
    this.#channel = channel;
    this.#events = events;
    channel.onMessage = (message) => this.#received(message);
    channel.onClose = () => this.#ended();
    this.#helloTimer = clock.after(helloTimeoutMs, () => this.close());
  }

  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** When the next frame may leave, infinity while none may. */
  get dueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) dueMs = Math.min(dueMs, source.dueMs);
    return dueMs;
  }

  publish(nowMs: number): void {
    for (const [subscription, source] of this.#sources) {
      if (source.dueMs > nowMs) continue;
      const next = source.next(nowMs);
      if (next !== undefined) this.#send({ type: "frame", subscription, frame: next.number, data: next.data });
    }
  }

  notify(notice: Notice): void {
    if (this.#isGreeted) this.#send({ type: "notice", notice });
  }

  close(): void {
    this.#channel.close();
    this.#ended();
  }

  #received(message: unknown): void {
    if (this.#isEnded) return;
    try {
      this.#handle(parseClientMessage(message));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const id = this.#isGreeted ? requestIdIn(message) : undefined;
      // One command too long, or of another version, costs its answer and not all else that the client has asked for.
      if (id === undefined) this.close();
      else this.#send({ type: "reply", id, isOk: false, code: error.code, message: error.message });
    }
  }

  #handle(message: ClientMessage): void {
    if (!this.#isGreeted && message.type !== "hello") throw new ProtocolError("no-hello", "hello comes first");
    switch (message.type) {
      case "hello":
        this.#greet(message.protocol);
        return;
      case "request":
        this.#request(message.id, message.command);
        return;
      case "subscribe": {
        const nowMs = this.#clock.nowMs();
        const source = this.#sources.get(message.subscription);
        if (source !== undefined) source.change(message.topic, nowMs);
        else if (this.#sources.size < subscriptionsMax) this.#subscribe(message.subscription, message.topic, nowMs);
        else throw new ProtocolError("too-many", "too many subscriptions");
        this.#events.onDue();
        return;
      }
      case "unsubscribe":
        this.#sources.delete(message.subscription);
        this.#events.onDue();
        return;
      case "ack":
        this.#sources.get(message.subscription)?.acknowledge(message.frame, this.#clock.nowMs());
        this.#events.onDue();
        return;
    }
  }

  #greet(protocol: number): void {
    if (this.#isGreeted) throw new ProtocolError("two-hellos", "hello comes once");
    const { version, pid, profile } = this.#options;
    this.#send({ type: "welcome", protocol: protocolVersion, version, pid, profile });
    // The other side reads from our welcome why.
    if (protocol !== protocolVersion) {
      this.close();
      return;
    }
    this.#isGreeted = true;
    this.#helloTimer?.cancel();
    this.#helloTimer = undefined;
  }

  #subscribe(subscription: number, topic: Topic, nowMs: number): void {
    this.#sources.set(subscription, new FrameSource(this.#target, topic, nowMs));
    // Whoever looks at the list is to know what is wrong with all of it.
    if (topic.kind === "torrents") for (const notice of this.#target.standingNotices?.() ?? []) this.notify(notice);
  }

  #request(id: number, command: Command): void {
    if (this.#pendingRequests >= pendingRequestsMax) {
      this.#send({ type: "reply", id, isOk: false, code: "too-many", message: "too many requests at once" });
      return;
    }
    this.#pendingRequests++;
    this.#target
      .execute(command)
      .then(
        (result): EngineMessage => ({ type: "reply", id, isOk: true, result }),
        (error: unknown): EngineMessage => ({
          type: "reply",
          id,
          isOk: false,
          code: codeOf(error).slice(0, 100) || "internal",
          message: messageOf(error),
        }),
      )
      .then((reply) => {
        this.#pendingRequests--;
        this.#send(reply);
      });
  }

  #send(message: EngineMessage): void {
    if (!this.#isEnded) this.#channel.send(message);
  }

  #ended(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isGreeted = false;
    this.#helloTimer?.cancel();
    this.#helloTimer = undefined;
    this.#sources.clear();
    this.#events.onEnd();
  }
}
