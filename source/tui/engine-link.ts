/**
 * The connection to the engine: the list's subscription, those for what the screen shows besides, requests. What
 * comes goes to the store. Owns the client; `close` lets go of it.
 */
import { messageOf } from "../base/errors.ts";
import type { EngineClient, Subscription } from "../control/engine-client.ts";
import type { Command, CommandResult, Frame, Notice, SessionRow, Topic } from "../control/protocol.ts";
import type { Store } from "./state/store.ts";
import { graphTopicFor, optionsTopicFor, topicFor } from "./state/topic.ts";

export interface EngineLinkOptions {
  readonly store: Store;
  readonly connect: () => Promise<EngineClient>;
  readonly nowMs: () => number;
  /** With every frame of the list. */
  readonly onSession: (session: SessionRow) => void;
  readonly onNotice: (notice: Notice) => void;
  /** The engine went away by itself. */
  readonly onLost: (reason: string) => void;
}

/** What came of a request. */
export type Answer =
  | { readonly command: Command; readonly result: CommandResult }
  | { readonly command: Command; readonly error: unknown };

export class EngineLink {
  readonly #options: EngineLinkOptions;
  #client: EngineClient | undefined;
  #detail: Question | undefined;
  #graph: Question | undefined;
  #choices: Question | undefined;
  /** The attempt under way: it may take as long as an engine takes to start. */
  #opening: Promise<boolean> | undefined;
  #isClosed = false;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /**
   * There is never more than one connection, however often it is called.
   * @returns whether it is connected now; where it cannot be, the state says why.
   */
  open(): Promise<boolean> {
    if (this.isOpen) return Promise.resolve(true);
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<boolean> {
    const { store, nowMs } = this.#options;
    store.dispatch({ type: "connecting" });
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
    this.#forget();
    client.onClose((reason) => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#forget();
      this.#options.onLost(reason);
    });
    client.onNotice(this.#options.onNotice);
    store.dispatch({ type: "connected" });
    client.subscribe({ kind: "torrents" }, (frame) => {
      if (frame.kind !== "torrents") return;
      const isFirst = !store.state.list.isLoaded;
      store.dispatch({ type: "torrents", frame, nowMs: nowMs() });
      if (isFirst) store.publish();
      this.#options.onSession(frame.session);
    });
    this.follow();
    return true;
  }

  /** Asks for what the screen now needs, where that is something else than before. */
  follow(): void {
    const { store, nowMs } = this.#options;
    const topic = topicFor(store.state);
    this.#detail = this.#asking(this.#detail, topic, (frame, isFirst) => {
      if (frame.kind === "gone" && topic !== undefined) store.dispatch({ type: "gone", infoHash: topic.infoHash });
      if (frame.kind !== "torrent" || topic === undefined) return;
      store.dispatch({ type: "detail", topic, detail: frame.detail, nowMs: nowMs() });
      if (isFirst) store.publish();
      this.follow();
    });
    const optionsOf = optionsTopicFor(store.state);
    this.#choices = this.#asking(this.#choices, optionsOf, (frame) => {
      if (frame.kind !== "torrent" || optionsOf === undefined) return;
      store.dispatch({ type: "choices", infoHash: optionsOf.infoHash, choices: frame.detail.choices });
      this.follow();
    });
    this.#graph = this.#asking(this.#graph, graphTopicFor(store.state), (frame, isFirst) => {
      if (frame.kind !== "graph") return;
      store.dispatch({ type: "graph", graph: frame.graph, nowMs: nowMs() });
      if (isFirst) store.publish();
    });
  }

  /** A subscription of its own for every question: its frames are then known to answer that one. */
  #asking(
    before: Question | undefined,
    topic: Topic | undefined,
    onFrame: (frame: Frame, isFirst: boolean) => void,
  ): Question | undefined {
    const client = this.#client;
    const key = topic === undefined ? "" : JSON.stringify(topic);
    if (client === undefined || key === (before?.key ?? "")) return before;
    before?.close();
    return topic === undefined ? undefined : new Question(client, key, topic, onFrame);
  }

  /** @returns the answer; `undefined` where nobody is there to ask. @throws OperationalError what the engine says. */
  async ask(command: Command): Promise<CommandResult | undefined> {
    return this.#client?.request(command);
  }

  /**
   * Several at once; those after a change of settings wait until that holds, and are not asked where it is refused.
   * @returns what came of each that was asked, in their order; nothing where nobody is there to ask.
   */
  async askAll(commands: readonly Command[]): Promise<readonly Answer[]> {
    const client = this.#client;
    if (client === undefined) return [];
    const [first, ...rest] = commands;
    if (first?.name !== "set" || rest.length === 0) return askTogether(client, commands);
    const answers = await askTogether(client, [first]);
    const isRefused = answers.some((answer) => "error" in answer);
    return isRefused ? answers : [...answers, ...(await askTogether(client, rest))];
  }

  #forget(): void {
    this.#detail = undefined;
    this.#graph = undefined;
    this.#choices = undefined;
  }

  close(): void {
    this.#isClosed = true;
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }
}

async function askTogether(client: EngineClient, commands: readonly Command[]): Promise<readonly Answer[]> {
  const settled = await Promise.allSettled(commands.map((command) => client.request(command)));
  return settled.flatMap((one, i) => {
    const command = commands[i];
    if (command === undefined) return [];
    return [one.status === "fulfilled" ? { command, result: one.value } : { command, error: one.reason }];
  });
}

/** What is asked of the engine, until something else is. */
class Question {
  readonly key: string;
  readonly #subscription: Subscription;
  #isFirst = true;

  constructor(client: EngineClient, key: string, topic: Topic, onFrame: (frame: Frame, isFirst: boolean) => void) {
    this.key = key;
    this.#subscription = client.subscribe(topic, (frame) => {
      const isFirst = this.#isFirst;
      this.#isFirst = false;
      onFrame(frame, isFirst);
    });
  }

  close(): void {
    this.#subscription.close();
  }
}
