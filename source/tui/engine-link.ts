/**
 * The connection to the engine: the list's subscription, the one for what the screen shows of a torrent, requests. What
 * comes goes to the store. Owns the client; `close` lets go of it.
 */
import { messageOf } from "../base/errors.ts";
import type { EngineClient, Subscription } from "../control/engine-client.ts";
import type { Command, CommandResult, Notice } from "../control/protocol.ts";
import type { Store } from "./state/store.ts";
import { topicFor } from "./state/topic.ts";

export interface EngineLinkOptions {
  readonly store: Store;
  readonly connect: () => Promise<EngineClient>;
  readonly nowMs: () => number;
  readonly onNotice: (notice: Notice) => void;
  /** The engine went away by itself. */
  readonly onLost: (reason: string) => void;
}

export class EngineLink {
  readonly #options: EngineLinkOptions;
  #client: EngineClient | undefined;
  #detail: { readonly key: string; subscription: Subscription | undefined } | undefined;
  #isClosed = false;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** @returns whether it is connected now; where it cannot be, the state says why. */
  async open(): Promise<boolean> {
    const { store, nowMs } = this.#options;
    let client: EngineClient;
    try {
      client = await this.#options.connect();
    } catch (error) {
      store.dispatch({ type: "lost", reason: messageOf(error) });
      return false;
    }
    if (this.#isClosed) {
      client.close();
      return false;
    }
    this.#client = client;
    this.#detail = undefined;
    client.onClose((reason) => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#detail = undefined;
      this.#options.onLost(reason);
    });
    client.onNotice(this.#options.onNotice);
    store.dispatch({ type: "connected" });
    client.subscribe({ kind: "torrents" }, (frame) => {
      if (frame.kind !== "torrents") return;
      const isFirst = !store.state.list.isLoaded;
      store.dispatch({ type: "torrents", frame, nowMs: nowMs() });
      if (isFirst) store.publish();
    });
    this.follow();
    return true;
  }

  /** Asks for what the screen now needs, if that is something else than before. */
  follow(): void {
    const client = this.#client;
    if (client === undefined) return;
    const { store, nowMs } = this.#options;
    const topic = topicFor(store.state);
    const key = topic === undefined ? "" : JSON.stringify(topic);
    if (key === (this.#detail?.key ?? "")) return;
    // A subscription of its own for every question: its frames are then known to answer that one.
    this.#detail?.subscription?.close();
    this.#detail = undefined;
    if (topic === undefined) return;
    const current: { readonly key: string; subscription: Subscription | undefined } = { key, subscription: undefined };
    this.#detail = current;
    let isFirst = true;
    current.subscription = client.subscribe(topic, (frame) => {
      if (this.#detail !== current) return;
      if (frame.kind === "gone") store.dispatch({ type: "gone", infoHash: topic.infoHash });
      if (frame.kind !== "torrent") return;
      store.dispatch({ type: "detail", topic, detail: frame.detail, nowMs: nowMs() });
      if (isFirst) store.publish();
      isFirst = false;
      this.follow();
    });
    if (this.#detail !== current) current.subscription.close();
  }

  /** @returns the answer; `undefined` where nobody is there to ask. @throws OperationalError what the engine says. */
  async ask(command: Command): Promise<CommandResult | undefined> {
    return this.#client?.request(command);
  }

  /** Several at once. @returns whether they were asked. @throws OperationalError the first that failed. */
  async askAll(commands: readonly Command[]): Promise<boolean> {
    const client = this.#client;
    if (client === undefined || commands.length === 0) return false;
    await Promise.all(commands.map((command) => client.request(command)));
    return true;
  }

  close(): void {
    this.#isClosed = true;
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }
}
