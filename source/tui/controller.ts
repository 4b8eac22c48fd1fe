/**
 * Between the keys, the state and the engine: turns keys into actions and requests, keeps the subscriptions to what the
 * screen needs, and ends the whole. Owns the timer and the connection; `close` lets go of both.
 */

import { messageOf } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import { isAddResult, type Notice } from "../control/protocol.ts";
import { shownName } from "../control/torrent-row.ts";
import type { CommandId } from "../preferences/commands.ts";
import { commandFor } from "../preferences/keymap.ts";
import { Adder, looksLikeSource } from "./adder.ts";
import { Asker, type Asking } from "./asker.ts";
import { confirmed } from "./confirm.ts";
import type { AddRequest, ControllerOptions, Outcome } from "./controller-options.ts";
import { EngineLink } from "./engine-link.ts";
import type { Theme } from "./format/theme.ts";
import { Leaving } from "./leaving.ts";
import { type MouseEvent, meaningOf } from "./mouse-input.ts";
import { planMove } from "./move-plan.ts";
import { noticeMessages } from "./notice-toasts.ts";
import { Pace } from "./pace.ts";
import { PathGuide } from "./path-guide.ts";
import { PreferenceKeys } from "./preference-keys.ts";
import { refusal } from "./refusals.ts";
import { SettingsLink } from "./settings-link.ts";
import { performSimulated } from "./simulation-dial.ts";
import type { Tone } from "./state/app-state.ts";
import { contextOf, screenContext } from "./state/context.ts";
import { takesText } from "./state/overlay.ts";
import type { Store } from "./state/store.ts";
import { commandsFor } from "./torrent-commands.ts";

export class Controller {
  readonly #options: ControllerOptions;
  readonly #store: Store;
  readonly #link: EngineLink;
  readonly #asker: Asker;
  readonly #adder: Adder | undefined;
  readonly #guide: PathGuide | undefined;
  /** To be told with the next tick, those of one kind together. */
  #heard: Notice[] = [];
  readonly #pace: Pace;
  readonly #settings: SettingsLink;
  readonly #preferences: PreferenceKeys;
  #wereAdded = false;
  /** Requests of ours to add something that are under way: they need no message. */
  #adding = 0;
  readonly #leaving: Leaving;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#link = new EngineLink({
      store: options.store,
      connect: options.connect,
      nowMs: options.nowMs,
      onSession: (session) => {
        this.#settings.look(session);
        options.alerts.look(session);
      },
      onNotice: (notice) => this.#notice(notice),
      onLost: (reason) => this.#lost(reason),
    });
    this.#settings = new SettingsLink({
      store: options.store,
      ask: (command) => this.#link.ask(command),
      onNotKept: (reason) => this.#answer(`not kept: ${reason}`, "bad"),
    });
    this.#asker = new Asker({
      store: options.store,
      link: this.#link,
      say: (text, tone, hint) => this.#answer(text, tone, hint),
    });
    this.#preferences = new PreferenceKeys({
      store: options.store,
      settings: this.#settings,
      say: (text, tone) => this.#answer(text, tone),
      remember: (text, back) => this.#asker.remember(text, back),
    });
    this.#pace = new Pace(options.nowMs, () => this.#tick());
    this.#store.onWaiting = () => this.#pace.came();
    const { sources } = options;
    this.#guide = sources && new PathGuide(options.store, sources, () => this.#key("enter"));
    this.#adder =
      sources &&
      new Adder({
        store: options.store,
        link: this.#link,
        asker: this.#asker,
        sources,
        show: (infoHash) => this.#show(infoHash),
      });
    this.#leaving = new Leaving({
      ...options,
      link: this.#link,
      refused: (message) => this.#answer(message, "bad"),
      close: () => this.close(),
    });
  }

  /** Settles when the user is done. */
  get outcome(): Promise<Outcome> {
    return this.#leaving.outcome;
  }

  start(): void {
    this.#pace.start();
    void this.#connect();
  }

  #tick(): void {
    this.#tellHeard();
    this.#showTime();
    this.#store.dispatch({ type: "tick", nowMs: this.#options.nowMs() });
  }

  #showTime(): void {
    const { simulation } = this.#options;
    if (simulation !== undefined) this.#store.dispatch({ type: "simulation", status: simulation.status() });
  }

  // ── input ──────────────────────────────────────────────────────────────────────────────────────────────────────

  keys(names: readonly string[]): void {
    for (const name of names) {
      if (this.#guide?.holds(name) !== true) this.#key(name);
      this.#guide?.follow();
    }
  }

  paste(text: string): void {
    const { state } = this.#store;
    const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
    const isSource = state.overlay === null && state.open === null && lines.length > 0 && lines.every(looksLikeSource);
    if (isSource && state.connection.kind === "open") this.#adder?.begin(lines);
    else if (state.overlay?.kind === "add") this.#adder?.paste(text);
    else this.#store.dispatch({ type: "overlayPaste", text });
    this.#guide?.follow();
  }

  resized(columns: number, rows: number): void {
    this.#store.dispatch({ type: "resized", columns, rows });
    this.#link.follow();
  }

  mouse(event: MouseEvent, theme: Theme): void {
    for (const meaning of meaningOf(event, this.#store.shown(), theme)) {
      if (meaning.kind === "command") this.perform(meaning.command);
      else this.#store.dispatch(meaning.action);
    }
    this.#adder?.follow();
    this.#guide?.follow();
    this.#link.follow();
  }

  #key(name: string): void {
    const { state } = this.#store;
    if (name === "ctrl+c") {
      this.leave(130);
      return;
    }
    if (state.connection.kind === "leaving") return;
    if (state.connection.kind !== "lost" && takesText(state.overlay)) {
      if (state.overlay?.kind === "add") this.#adder?.key(name);
      else if (state.overlay?.kind !== "filter" && name === "enter") this.perform("confirm");
      else this.#store.dispatch({ type: "overlayKey", key: name });
      return;
    }
    const command = commandFor(state.preferences.keymap, contextOf(state), name);
    if (command !== undefined) this.perform(command);
  }

  perform(command: CommandId): void {
    const { state } = this.#store;
    if (this.#preferences.perform(command)) return;
    if (performSimulated(this.#options.simulation, command)) {
      this.#showTime();
      return;
    }
    const whyNot = refusal(command, state);
    if (whyNot !== "") {
      this.#answer(whyNot, "info");
      return;
    }
    switch (command) {
      case "quit":
        if (screenContext(state) === "list") this.#leaving.quit();
        else this.#store.dispatch({ type: "command", command });
        break;
      case "leave":
        this.leave(state.connection.kind === "lost" ? 1 : 130);
        break;
      case "keepEngine":
        void this.#leaving.keep(0);
        break;
      case "stopEngine":
        this.leave(0);
        break;
      case "suspend":
        void this.#options.suspend();
        break;
      case "cancel":
        if (state.overlay?.kind === "add") this.#adder?.key("escape");
        else this.#store.dispatch({ type: "command", command });
        break;
      case "undo":
        void this.#asker.undo();
        break;
      case "reconnect":
        void this.#connect();
        break;
      case "add":
        if (this.#adder === undefined) this.#answer("torrents are added on the command line here", "info");
        else this.#adder.begin();
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
        this.#store.dispatch({ type: "command", command });
        if (asked !== undefined) void this.#asker.ask(asked);
      }
    }
    this.#link.follow();
  }

  #confirm(): void {
    if (this.#store.state.overlay?.kind === "add") {
      this.#adder?.key("enter");
      return;
    }
    const answer = confirmed(this.#store.state);
    switch (answer.kind) {
      case "wrong":
        this.#store.dispatch({ type: "optionsFailed", field: answer.field, message: answer.message });
        return;
      case "apply":
        void this.#apply(answer.asking);
        return;
      case "take":
        this.#store.dispatch({ type: "pathTake" });
        return;
      case "plan":
        void planMove(this.#link, this.#store, answer.move, async (typed) => {
          return (await this.#options.sources?.place(typed))?.path ?? typed;
        });
        return;
      case "more":
        void this.#asker.ask(answer.asking);
        return;
      case "done":
        this.#store.dispatch({ type: "closeOverlay" });
        void this.#asker.ask(answer.asking);
        if (answer.next !== undefined) this.perform(answer.next);
        if (answer.cursor !== undefined) this.#store.dispatch({ type: "overlayCursor", index: answer.cursor });
    }
  }

  async #apply(asking: Asking): Promise<void> {
    const { overlay } = this.#store.state;
    this.#store.dispatch({ type: "overlayBusy" });
    const failed = (message: string): void => {
      const field = overlay?.kind === "limits" ? overlay.cursor : 0;
      this.#store.dispatch({ type: "optionsFailed", field, message });
    };
    if (await this.#asker.ask({ ...asking, failed })) this.#store.dispatch({ type: "closeOverlay" });
  }

  // ── the engine ─────────────────────────────────────────────────────────────────────────────────────────────────

  async #connect(): Promise<void> {
    if (await this.#link.open()) await this.#addInitial();
  }

  #lost(reason: string): void {
    this.#settings.forget();
    if (this.#store.state.connection.kind === "leaving") this.#leaving.end();
    else this.#store.dispatch({ type: "lost", reason: reason === "" ? "The connection was closed." : reason });
  }

  async #addInitial(): Promise<void> {
    if (this.#wereAdded) return;
    this.#wereAdded = true;
    let isFirst = this.#options.openFirst;
    for (const request of this.#options.initialTorrents) {
      const infoHash = await this.#add(request).catch((error: unknown) => {
        this.#answer(messageOf(error), "bad");
        return undefined;
      });
      if (infoHash === undefined || !isFirst) continue;
      isFirst = false;
      this.#show(infoHash);
    }
  }

  #show(infoHash: InfoHash): void {
    this.#store.dispatch({ type: "openTorrent", infoHash });
    this.#link.follow();
  }

  async #add(request: AddRequest): Promise<InfoHash | undefined> {
    this.#adding++;
    const { torrent, savePath, isPaused = false, peers = [], mustCheck = false } = request;
    const where = { savePath, isPaused, peers };
    const answer = this.#link.ask(
      "link" in torrent
        ? { name: "add-magnet", link: torrent.link, ...where }
        : { name: "add", metainfo: torrent.metainfo, ...where, mustCheck },
    );
    try {
      const result = (await answer) ?? null;
      return isAddResult(result) ? result.infoHash : undefined;
    } finally {
      this.#adding--;
    }
  }

  // ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** To what the user has just done. */
  #answer(text: string, tone: Tone, hint = ""): void {
    this.#store.dispatch({ type: "toast", toast: { text, tone, hint, isAnswer: true }, nowMs: this.#options.nowMs() });
  }

  #notice(notice: Notice): void {
    const isOwn = this.#asker.isOwn(notice);
    // What was checked matters to who had it checked; all else that is ours was said already.
    if (notice.kind === "checked" ? !isOwn : isOwn) return;
    if (notice.kind !== "added" || this.#adding === 0) this.#heard.push(notice);
  }

  #tellHeard(): void {
    if (this.#heard.length === 0) return;
    const heard = this.#heard;
    this.#heard = [];
    const nowMs = this.#options.nowMs();
    const nameOf = (infoHash: InfoHash): string | undefined => {
      const row = this.#store.state.list.rows.get(infoHash);
      return row === undefined ? undefined : shownName(row);
    };
    this.#options.alerts.heard(heard, nameOf);
    for (const message of noticeMessages(heard, nameOf)) {
      this.#store.dispatch({ type: "toast", toast: { ...message, hint: "", isAnswer: false }, nowMs });
    }
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  leave(exitCode: number): void {
    this.#leaving.leave(exitCode);
  }

  close(): void {
    this.#pace.close();
    this.#leaving.close();
    this.#adder?.close();
    this.#link.close();
  }
}
