/**
 * Between the keys, the state and the engine: turns keys into actions and requests, keeps the subscriptions to what the
 * screen needs, and ends the whole. Owns the timer and the connection; `close` lets go of both.
 */
import { messageOf } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import { sanitise } from "../base/sanitise.ts";
import type { EngineClient, Subscription } from "../control/engine-client.ts";
import { type Command, isAddResult, type Notice } from "../control/protocol.ts";
import { confirmed } from "./confirm.ts";
import type { AddRequest, ControllerOptions, Outcome } from "./controller-options.ts";
import type { Theme } from "./format/theme.ts";
import { type MouseEvent, meaningOf } from "./mouse-input.ts";
import { planMove } from "./move-plan.ts";
import { noticeMessage } from "./notice-message.ts";
import type { Tone } from "./state/app-state.ts";
import type { CommandId } from "./state/commands.ts";
import { contextOf } from "./state/context.ts";
import { commandFor } from "./state/keymap.ts";
import { takesText } from "./state/overlay.ts";
import { dataIntervalMs, type Store } from "./state/store.ts";
import { topicFor } from "./state/topic.ts";
import { type EngineFate, engineLines, summaryLines } from "./summary.ts";
import { commandsFor } from "./torrent-commands.ts";

/** Stopping an engine announces to every tracker; after this it is left to itself. */
const stopTimeoutMs = 10_000;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #store: Store;
  #client: EngineClient | undefined;
  #detail: { readonly key: string; subscription: Subscription | undefined } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;
  #wereAdded = false;
  /** Requests of ours to add something that are under way: they need no message. */
  #adding = 0;
  #exitCode = 0;
  #isKeeping = false;
  #isClosed = false;
  #resolveOutcome: (outcome: Outcome) => void = () => {};
  /** Settles when the user is done. */
  readonly outcome: Promise<Outcome>;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.outcome = new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#store.dispatch({ type: "tick", nowMs: this.#options.nowMs() });
      this.#store.publish();
    }, dataIntervalMs);
    void this.#connect();
  }

  // ── input ──────────────────────────────────────────────────────────────────────────────────────────────────────

  keys(names: readonly string[]): void {
    for (const name of names) this.#key(name);
  }

  paste(text: string): void {
    this.#store.dispatch({ type: "overlayPaste", text });
  }

  resized(columns: number, rows: number): void {
    this.#store.dispatch({ type: "resized", columns, rows });
    this.#follow();
  }

  mouse(event: MouseEvent, theme: Theme): void {
    for (const meaning of meaningOf(event, this.#store.shown(), theme)) {
      if (meaning.kind === "command") this.perform(meaning.command);
      else this.#store.dispatch(meaning.action);
    }
    this.#follow();
  }

  #key(name: string): void {
    const { state } = this.#store;
    if (name === "ctrl+c") {
      this.leave(130);
      return;
    }
    if (state.connection.kind === "leaving") return;
    if (state.connection.kind !== "lost" && takesText(state.overlay)) {
      if (state.overlay?.kind === "prompt" && name === "enter") void this.#addTyped(state.overlay.text);
      else if (state.overlay?.kind !== "filter" && name === "enter") this.perform("confirm");
      else this.#store.dispatch({ type: "overlayKey", key: name });
      return;
    }
    const command = commandFor(contextOf(state), name);
    if (command !== undefined) this.perform(command);
  }

  perform(command: CommandId): void {
    const { state } = this.#store;
    switch (command) {
      case "quit":
        if (state.open === null) this.#quit();
        else this.#store.dispatch({ type: "command", command });
        break;
      case "leave":
        this.leave(state.connection.kind === "lost" ? 1 : 130);
        break;
      case "keepEngine":
        void this.#keep(0);
        break;
      case "stopEngine":
        this.leave(0);
        break;
      case "suspend":
        void this.#options.suspend();
        break;
      case "reconnect":
        void this.#connect();
        break;
      case "mouse":
        this.#store.dispatch({ type: "command", command });
        this.#toast(
          state.hasMouse ? "the mouse selects text now; m takes it back" : "the mouse clicks here now",
          "info",
        );
        break;
      case "add":
        if (this.#options.loadTorrent === undefined) this.#toast("torrents are added on the command line here", "info");
        else this.#store.dispatch({ type: "command", command });
        break;
      case "confirm":
        this.#confirm();
        break;
      case "toTrash":
        this.#store.dispatch({ type: "command", command });
        if (this.#store.state.overlay !== state.overlay) this.#confirm();
        break;
      default: {
        const asked = commandsFor(command, state);
        if (asked === undefined) this.#store.dispatch({ type: "command", command });
        else void this.#request(asked.commands, asked.done);
      }
    }
    this.#follow();
  }

  #confirm(): void {
    const answer = confirmed(this.#store.state);
    switch (answer.kind) {
      case "wrong":
        this.#store.dispatch({ type: "optionsFailed", field: answer.field, message: answer.message });
        return;
      case "plan":
        void planMove(this.#client, this.#store, answer.move);
        return;
      case "more":
        void this.#request(answer.commands);
        return;
      case "done":
        this.#store.dispatch({ type: "closeOverlay" });
        void this.#request(answer.commands, answer.done);
        if (answer.next !== undefined) this.perform(answer.next);
    }
  }

  // ── the engine ─────────────────────────────────────────────────────────────────────────────────────────────────

  async #connect(): Promise<void> {
    let client: EngineClient;
    try {
      client = await this.#options.connect();
    } catch (error) {
      this.#store.dispatch({ type: "lost", reason: messageOf(error) });
      return;
    }
    if (this.#isClosed) {
      client.close();
      return;
    }
    this.#client = client;
    this.#detail = undefined;
    client.onClose((reason) => {
      if (this.#client === client) this.#lost(reason);
    });
    client.onNotice((notice) => {
      this.#notice(notice);
    });
    this.#store.dispatch({ type: "connected" });
    client.subscribe({ kind: "torrents" }, (frame) => {
      if (frame.kind !== "torrents") return;
      const isFirst = !this.#store.state.list.isLoaded;
      this.#store.dispatch({ type: "torrents", frame, nowMs: this.#options.nowMs() });
      if (isFirst) this.#store.publish();
    });
    this.#follow();
    await this.#addInitial();
  }

  #lost(reason: string): void {
    this.#client = undefined;
    this.#detail = undefined;
    if (this.#store.state.connection.kind === "leaving") this.#end();
    else this.#store.dispatch({ type: "lost", reason: reason === "" ? "The connection was closed." : reason });
  }

  /** Asks for what the screen now needs, if that is something else than before. */
  #follow(): void {
    const client = this.#client;
    if (client === undefined) return;
    const topic = topicFor(this.#store.state);
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
      if (frame.kind === "gone") this.#store.dispatch({ type: "gone", infoHash: topic.infoHash });
      if (frame.kind !== "torrent") return;
      this.#store.dispatch({ type: "detail", topic, detail: frame.detail, nowMs: this.#options.nowMs() });
      if (isFirst) this.#store.publish();
      isFirst = false;
      this.#follow();
    });
    if (this.#detail !== current) current.subscription.close();
  }

  async #request(commands: readonly Command[], doneText = ""): Promise<void> {
    const client = this.#client;
    if (client === undefined || commands.length === 0) return;
    try {
      await Promise.all(commands.map((command) => client.request(command)));
      if (doneText !== "") this.#toast(doneText, "info");
    } catch (error) {
      this.#toast(messageOf(error), "bad");
    }
  }

  async #addInitial(): Promise<void> {
    if (this.#wereAdded) return;
    this.#wereAdded = true;
    let isFirst = this.#options.openFirst;
    for (const request of this.#options.initialTorrents) {
      const infoHash = await this.#add(request).catch((error: unknown) => {
        this.#toast(messageOf(error), "bad");
        return undefined;
      });
      if (infoHash === undefined || !isFirst) continue;
      isFirst = false;
      this.#store.dispatch({ type: "openTorrent", infoHash });
      this.#follow();
    }
  }

  async #add(request: AddRequest): Promise<InfoHash | undefined> {
    this.#adding++;
    const answer = this.#client?.request({
      name: "add",
      metainfo: request.metainfo,
      savePath: request.savePath,
      isPaused: request.isPaused ?? false,
      peers: request.peers ?? [],
      mustCheck: request.mustCheck ?? false,
    });
    try {
      const result = (await answer) ?? null;
      return isAddResult(result) ? result.infoHash : undefined;
    } finally {
      this.#adding--;
    }
  }

  async #addTyped(text: string): Promise<void> {
    const typed = text.trim();
    const load = this.#options.loadTorrent;
    if (typed === "" || load === undefined || this.#isBusy()) return;
    this.#store.dispatch({ type: "promptBusy" });
    try {
      const infoHash = await this.#add(await load(typed));
      this.#store.dispatch({ type: "closeOverlay" });
      if (infoHash !== undefined) this.#store.dispatch({ type: "openTorrent", infoHash });
      this.#follow();
    } catch (error) {
      this.#store.dispatch({ type: "promptFailed", message: messageOf(error) });
    }
  }

  #isBusy(): boolean {
    const { overlay } = this.#store.state;
    return overlay?.kind === "prompt" && overlay.isBusy;
  }

  // ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  #toast(text: string, tone: Tone): void {
    this.#store.dispatch({ type: "toast", text, tone, nowMs: this.#options.nowMs() });
  }

  #notice(notice: Notice): void {
    if (notice.kind === "added" && this.#adding > 0) return;
    const message = noticeMessage(notice, (infoHash) => this.#store.state.list.rows.get(infoHash)?.name);
    if (message !== undefined) this.#toast(message.text, message.tone);
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  #quit(): void {
    const { list, connection } = this.#store.state;
    const mustAsk = this.#options.onQuit === "ask" && list.rows.size > 0 && connection.kind === "open";
    if (mustAsk) this.#store.dispatch({ type: "askQuit" });
    else this.leave(0);
  }

  /** Leaves once the engine knows that it is to go on alone. Where it refuses, the user stays and reads why. */
  async #keep(exitCode: number): Promise<void> {
    const client = this.#client;
    this.#store.dispatch({ type: "closeOverlay" });
    if (client !== undefined) {
      this.#isKeeping = true;
      try {
        await client.request({ name: "stay" });
      } catch (error) {
        this.#isKeeping = false;
        this.#toast(`the engine does not go on alone: ${messageOf(error)}`, "bad");
        return;
      }
    }
    if (this.#isClosed) return;
    this.#exitCode = exitCode;
    this.#end();
  }

  /** The first time it stops the engine in order (or has it stay); the second time it does not wait for that. */
  leave(exitCode: number): void {
    if (this.#isClosed) return;
    const client = this.#client;
    const isLeaving = this.#store.state.connection.kind === "leaving";
    if (this.#options.onQuit === "keep" && !this.#isKeeping && client !== undefined) {
      void this.#keep(exitCode);
      return;
    }
    if (isLeaving || client === undefined || this.#isKeeping) {
      if (!isLeaving) this.#exitCode = exitCode;
      this.#end();
      return;
    }
    this.#exitCode = exitCode;
    this.#store.dispatch({ type: "leaving" });
    this.#stopTimer = setTimeout(() => {
      this.#end();
    }, stopTimeoutMs);
    client.request({ name: "shutdown" }).then(
      () => {
        this.#end();
      },
      () => {
        this.#end();
      },
    );
  }

  #end(): void {
    if (this.#isClosed) return;
    this.close();
    this.#resolveOutcome({ exitCode: this.#exitCode, engine: this.#fate(), summary: this.#summary() });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#stopTimer);
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  #fate(): EngineFate {
    if (this.#store.state.connection.kind === "lost") return "lost";
    return this.#isKeeping || this.#options.onQuit === "keep" ? "kept" : "stopped";
  }

  #summary(): readonly string[] {
    const { connection, list } = this.#store.state;
    const lines: string[] = [];
    if (connection.kind === "lost") lines.push(`the engine is gone: ${sanitise(connection.reason)}`);
    lines.push(...summaryLines([...list.rows.values()]));
    if (this.#options.tellsFate) lines.push(...engineLines(this.#fate(), list.rows.size));
    return lines;
  }
}
