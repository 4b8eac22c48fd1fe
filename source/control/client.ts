/**
 * A UI's or script's end of the conversation with the engine, over any channel. What the engine sends is checked as
 * strictly as what it receives; an answer that does not come in time rejects, and nothing waits for ever.
 */
import { OperationalError, ProtocolError } from "../base/errors.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Ports } from "../ports/ports.ts";
import type { Channel } from "./channel.ts";
import type { EngineClient, Subscription } from "./engine-client.ts";
import {
  type ClientMessage,
  type Command,
  type CommandName,
  type CommandResult,
  type EngineMessage,
  type Frame,
  type Notice,
  protocolVersion,
  type Topic,
} from "./protocol.ts";
import { parseEngineMessage } from "./validate.ts";

export interface ConnectOptions {
  /** Of this program, for the engine's log. */
  readonly version: string;
  /** Default 10 s. */
  readonly welcomeTimeoutMs?: number;
  /** Default 60 s: `shutdown` waits for trackers to be told. */
  readonly requestTimeoutMs?: number;
}

/** The engine that answers speaks another version of the protocol: it cannot be driven, but by a signal it can be ended. */
export class EngineVersionError extends OperationalError {
  readonly pid: number;
  readonly version: string;

  constructor(engine: { readonly pid: number; readonly version: string }, ownVersion: string) {
    super(
      "engine-version",
      `the running engine is p2p-tui ${engine.version} (process ${engine.pid}), which this version (${ownVersion}) ` +
        "cannot talk to: stop it with `p2p-tui engine stop`",
    );
    this.pid = engine.pid;
    this.version = engine.version;
  }
}

interface PendingRequest {
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: OperationalError) => void;
  readonly timer: Timer | undefined;
}

/** What takes as long as disks take: while the connection is there, the answer will come. */
const lasting: ReadonlySet<CommandName> = new Set([
  ...(["move", "rename"] as const),
  // These wait for files to be closed and synced, and for a move to be undone.
  ...(["pause", "recheck", "remove", "restore"] as const),
]);

/**
 * Greets the engine. @throws OperationalError `engine-lost`, `engine-silent`, or `engine-version` where the other side
 * speaks another version of the protocol; the channel is closed then.
 */
export function connectClient(
  ports: Pick<Ports, "clock">,
  channel: Channel<ClientMessage, unknown>,
  options: ConnectOptions,
): Promise<EngineClient> {
  return new Promise((resolve, reject) => {
    const fail = (error: OperationalError): void => {
      timer.cancel();
      channel.onMessage = () => {};
      channel.onClose = () => {};
      channel.close();
      reject(error);
    };
    const timer = ports.clock.after(options.welcomeTimeoutMs ?? 10_000, () =>
      fail(new OperationalError("engine-silent", "the engine does not answer")),
    );
    channel.onClose = (reason) =>
      fail(new OperationalError("engine-lost", `the connection to the engine ended: ${reason}`));
    channel.onMessage = (raw) => {
      let message: EngineMessage;
      try {
        message = parseEngineMessage(raw);
      } catch {
        return fail(new OperationalError("engine-version", "the engine speaks something else than p2p-tui's protocol"));
      }
      if (message.type !== "welcome") {
        return fail(new OperationalError("engine-version", "the engine did not welcome us"));
      }
      if (message.protocol !== protocolVersion) {
        return fail(new EngineVersionError(message, options.version));
      }
      timer.cancel();
      resolve(new ChannelClient(ports.clock, channel, message, options.requestTimeoutMs ?? 60_000));
    };
    channel.send({ type: "hello", protocol: protocolVersion, version: options.version });
  });
}

class ChannelClient implements EngineClient {
  readonly engine: EngineClient["engine"];
  readonly #clock: Clock;
  readonly #channel: Channel<ClientMessage, unknown>;
  readonly #requestTimeoutMs: number;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #frameListeners = new Map<number, (frame: Frame) => void>();
  readonly #noticeListeners = new Set<(notice: Notice) => void>();
  readonly #closeListeners = new Set<(reason: string) => void>();
  #lastId = 0;
  #isClosed = false;

  constructor(
    clock: Clock,
    channel: Channel<ClientMessage, unknown>,
    welcome: EngineClient["engine"],
    requestTimeoutMs: number,
  ) {
    this.engine = { version: welcome.version, pid: welcome.pid, profile: welcome.profile };
    this.#clock = clock;
    this.#channel = channel;
    this.#requestTimeoutMs = requestTimeoutMs;
    channel.onMessage = (message) => this.#received(message);
    channel.onClose = (reason) => this.#ended(reason);
  }

  request(command: Command): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new OperationalError("engine-lost", "the connection to the engine has ended"));
      const id = ++this.#lastId;
      const silent = () => {
        this.#pending.delete(id);
        reject(new OperationalError("engine-silent", "the engine does not answer"));
      };
      const timer = lasting.has(command.name) ? undefined : this.#clock.after(this.#requestTimeoutMs, silent);
      this.#pending.set(id, { resolve, reject, timer });
      this.#channel.send({ type: "request", id, command });
    });
  }

  subscribe(topic: Topic, onFrame: (frame: Frame) => void): Subscription {
    const subscription = ++this.#lastId;
    this.#frameListeners.set(subscription, onFrame);
    this.#send({ type: "subscribe", subscription, topic });
    return {
      change: (next) => {
        if (this.#frameListeners.has(subscription)) this.#send({ type: "subscribe", subscription, topic: next });
      },
      close: () => {
        if (this.#frameListeners.delete(subscription)) this.#send({ type: "unsubscribe", subscription });
      },
    };
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  onClose(listener: (reason: string) => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  close(): void {
    this.#channel.close();
    this.#ended("closed");
  }

  #send(message: ClientMessage): void {
    if (!this.#isClosed) this.#channel.send(message);
  }

  #received(raw: unknown): void {
    if (this.#isClosed) return;
    let message: EngineMessage;
    try {
      message = parseEngineMessage(raw);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#channel.close();
      this.#ended(`the engine sent what this program does not understand (${error.message})`);
      return;
    }
    switch (message.type) {
      case "welcome":
        return;
      case "reply": {
        const pending = this.#pending.get(message.id);
        if (pending === undefined) return;
        this.#pending.delete(message.id);
        pending.timer?.cancel();
        if (message.isOk) pending.resolve(message.result);
        else pending.reject(new OperationalError(message.code, message.message));
        return;
      }
      case "frame": {
        const listener = this.#frameListeners.get(message.subscription);
        if (listener === undefined) return;
        try {
          listener(message.data);
        } finally {
          this.#send({ type: "ack", subscription: message.subscription, frame: message.frame });
        }
        return;
      }
      case "notice":
        for (const listener of [...this.#noticeListeners]) listener(message.notice);
        return;
    }
  }

  #ended(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { reject, timer } of this.#pending.values()) {
      timer?.cancel();
      reject(new OperationalError("engine-lost", `the connection to the engine ended: ${reason}`));
    }
    this.#pending.clear();
    this.#frameListeners.clear();
    this.#noticeListeners.clear();
    const listeners = [...this.#closeListeners];
    this.#closeListeners.clear();
    for (const listener of listeners) listener(reason);
  }
}
