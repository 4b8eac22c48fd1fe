/**
 * Between the dialog for adding, the world and the engine: looks for what was typed, asks peers for what a magnet link does
 * not say, and adds what was chosen. Nothing is lost where that fails: the dialog stays, and says why.
 */

import { codeOf, messageOf } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import { formatSize } from "../base/units.ts";
import { type Command, isAddResult, isMetainfoResult } from "../control/protocol.ts";
import { shownName } from "../control/torrent-row.ts";
import type { Asker } from "./asker.ts";
import type { EngineLink } from "./engine-link.ts";
import { plural } from "./format/numbers.ts";
import {
  type AddEvent,
  type AddOverlay,
  type AddPreview,
  type AddTorrent,
  labelsOf,
  newTorrents,
  previewOf,
  prioritiesOf,
} from "./state/adding.ts";
import { chosenPath } from "./state/path-dialogs.ts";
import type { Store } from "./state/store.ts";
import { whatOf } from "./torrent-commands.ts";
import type { FoundSource, TorrentSources } from "./torrent-sources.ts";

export interface AdderOptions {
  readonly store: Store;
  readonly link: EngineLink;
  readonly asker: Asker;
  readonly sources: TorrentSources;
  /** One was added, or is there already: it is shown. */
  readonly show: (infoHash: InfoHash) => void;
}

/** The engine answers what it has found by then, and is asked again. */
const lookUpSeconds = 20;

export class Adder {
  readonly #options: AdderOptions;
  /** What was found, by its torrent. */
  #found = new Map<InfoHash, FoundSource>();
  /** Ends what is under way for the dialog. */
  #work = new AbortController();
  /** Several were pasted: as they stand in the line. */
  #pasted: { readonly text: string; readonly texts: readonly string[] } = { text: "", texts: [] };
  #askedPlace = "";

  constructor(options: AdderOptions) {
    this.#options = options;
  }

  /** @param texts pasted: looked for at once. */
  begin(texts: readonly string[] = []): void {
    this.#cancel();
    this.#pasted = { text: texts.join(" "), texts };
    this.#tell({ kind: "begin", text: this.#pasted.text });
    if (texts.length > 0) void this.#open();
    this.follow();
  }

  /** A key in the dialog. */
  key(name: string): void {
    const { store } = this.#options;
    const before = store.state;
    if (name === "enter") this.#enter();
    else if (name === "escape") {
      store.dispatch({ type: "pathClose" });
      if (store.state === before) this.#back();
    } else store.dispatch({ type: "overlayKey", key: name });
    this.follow();
  }

  paste(text: string): void {
    this.#options.store.dispatch({ type: "overlayPaste", text });
    this.follow();
  }

  close(): void {
    this.#cancel();
  }

  get #overlay(): AddOverlay | undefined {
    const { overlay } = this.#options.store.state;
    return overlay?.kind === "add" ? overlay : undefined;
  }

  #tell(event: AddEvent): void {
    this.#options.store.dispatch({ type: "adding", event });
  }

  #cancel(): void {
    this.#work.abort();
    this.#work = new AbortController();
  }

  // ── what is typed ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Asks about the place, whenever another stands there. */
  follow(): void {
    const stage = this.#overlay?.stage;
    if (stage?.kind !== "preview" || this.#askedPlace === stage.place.text) return;
    const of = stage.place.text;
    this.#askedPlace = of;
    void this.#options.sources.place(of).then((facts) => this.#tell({ kind: "place", of, facts }));
  }

  #enter(): void {
    const overlay = this.#overlay;
    if (overlay === undefined) return;
    const { store } = this.#options;
    const { stage } = overlay;
    switch (stage.kind) {
      case "typing": {
        const item = chosenPath(store.state);
        store.dispatch({ type: "pathTake" });
        if (item?.isFolder !== true) void this.#open();
        return;
      }
      case "opening":
        return;
      case "preview":
        if (chosenPath(store.state) !== undefined) store.dispatch({ type: "pathTake" });
        else if (!stage.isAdding) void this.#add(stage);
    }
  }

  /** One step: from the preview to what was typed, from there out. */
  #back(): void {
    this.#cancel();
    const overlay = this.#overlay;
    if (overlay === undefined) return;
    if (overlay.stage.kind === "typing") this.#options.store.dispatch({ type: "closeOverlay" });
    else this.#tell({ kind: "typing" });
  }

  async #open(): Promise<void> {
    const typed = this.#overlay?.source.text.trim() ?? "";
    if (typed === "") return;
    const { sources } = this.#options;
    const { signal } = this.#work;
    const progress = (note: string): void => {
      if (!signal.aborted) this.#tell({ kind: "opening", note });
    };
    progress("looking for it");
    try {
      const texts = typed === this.#pasted.text.trim() ? this.#pasted.texts : textsIn(typed);
      const { found, problems } = await sources.open(texts, { signal, progress });
      if (signal.aborted) return;
      this.#found = new Map(
        found.map((source) => [source.kind === "magnet" ? source.infoHash : source.facts.infoHash, source]),
      );
      this.#askedPlace = "";
      this.#tell({ kind: "opened", preview: previewOf(found, problems, sources.defaults) });
      this.follow();
      const [only] = found;
      if (found.length === 1 && only?.kind === "magnet") void this.#lookUp(only);
    } catch (error) {
      if (!signal.aborted) this.#tell({ kind: "failed", message: messageOf(error) });
    }
  }

  /** Asks peers until somebody has sent it, or the dialog is left. It can be added without. */
  async #lookUp({ link, infoHash, only }: Extract<FoundSource, { readonly kind: "magnet" }>): Promise<void> {
    const { link: engine, sources, store } = this.#options;
    if (store.state.list.rows.has(infoHash)) return;
    const { signal } = this.#work;
    const note = (text: string): void => {
      if (!signal.aborted) this.#tell({ kind: "note", note: text, isAdding: false });
    };
    note("asking peers what it is; it need not be waited for");
    while (!signal.aborted) {
      try {
        const { peers } = sources.defaults;
        const result = (await engine.ask({ name: "look-up", link, peers, seconds: lookUpSeconds })) ?? null;
        if (signal.aborted || !isMetainfoResult(result)) return;
        const { metainfo } = result;
        const facts = sources.read(metainfo);
        this.#found.set(infoHash, { kind: "torrent", facts, metainfo: async () => metainfo });
        this.#tell({ kind: "looked", facts, only });
        return;
      } catch (error) {
        note(messageOf(error));
        if (codeOf(error) !== "not-found") return;
      }
    }
  }

  // ── adding ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #add(preview: AddPreview): Promise<void> {
    const { store, asker, show, sources } = this.#options;
    const wanted = newTorrents(preview, store.state);
    const [first] = preview.torrents;
    if (wanted.length === 0) {
      // What is there already is what was meant.
      if (first === undefined || preview.torrents.length > 1) return;
      this.#done();
      show(first.infoHash);
      return;
    }
    this.#cancel();
    const { signal } = this.#work;
    const { path, problem } = await sources.place(preview.place.text);
    if (problem !== "") {
      this.#tell({ kind: "failed", message: `nothing can be saved in ${path}: ${problem}` });
      return;
    }
    const added: AddTorrent[] = [];
    const failures = new Map<InfoHash, string>();
    for (const [i, torrent] of wanted.entries()) {
      if (signal.aborted) break;
      if (i % 10 === 0) this.#tell({ kind: "note", note: `adding ${i + 1} of ${wanted.length}`, isAdding: true });
      try {
        await this.#addOne(torrent, preview, path);
        added.push(torrent);
      } catch (error) {
        failures.set(torrent.infoHash, `${wanted.length === 1 ? "" : `${shownName(torrent)}: `}${messageOf(error)}`);
      }
    }
    const infoHashes = added.map(({ infoHash }) => infoHash);
    if (preview.isTop && added.length > 0) await this.#toTop(infoHashes);
    const text = addedText(added);
    if (added.length > 0) {
      asker.remember(
        text,
        infoHashes.map((infoHash): Command => ({ name: "remove", infoHash, data: "keep" })),
      );
    }
    if (failures.size > 0)
      this.#tell({ kind: "left", infoHashes: new Set(failures.keys()), message: failureText(failures) });
    else if (!signal.aborted) {
      this.#done();
      const [one] = infoHashes;
      if (one !== undefined && infoHashes.length === 1) show(one);
      else asker.say(text);
    }
  }

  async #addOne({ infoHash }: AddTorrent, preview: AddPreview, savePath: string): Promise<void> {
    const { link, sources, asker } = this.#options;
    const source = this.#found.get(infoHash);
    if (source === undefined) return;
    const { isPaused, isSequential } = preview;
    const { peers } = sources.defaults;
    const choices = { labels: labelsOf(preview), isSequential };
    const more = { savePath, isPaused, peers };
    asker.expect("added", infoHash);
    try {
      if (source.kind === "magnet") await link.ask({ name: "add-magnet", link: source.link, ...more, choices });
      else {
        const priorities = prioritiesOf(preview);
        const metainfo = await source.metainfo();
        const chosen = priorities.length === 0 ? choices : { ...choices, priorities };
        const result = await link.ask({ name: "add", metainfo, ...more, mustCheck: false, choices: chosen });
        if (result !== undefined && isAddResult(result) && !result.isNew) asker.unexpect("added", infoHash);
      }
    } catch (error) {
      asker.unexpect("added", infoHash);
      throw error;
    }
  }

  /** Where it fails they are at the end, which is no harm. */
  async #toTop(infoHashes: readonly InfoHash[]): Promise<void> {
    await this.#options.link.ask({ name: "queue", infoHashes, move: "top" }).catch(() => undefined);
  }

  #done(): void {
    this.#cancel();
    this.#found.clear();
    this.#options.store.dispatch({ type: "closeOverlay" });
  }
}

function addedText(added: readonly AddTorrent[]): string {
  const length = added.reduce((sum, { facts }) => sum + (facts?.totalLength ?? 0), 0);
  return `added ${whatOf(added)}${length > 0 ? `, ${formatSize(length)}` : ""}`;
}

function failureText(failures: ReadonlyMap<InfoHash, string>): string {
  const [first = ""] = failures.values();
  return failures.size === 1 ? first : `${plural(failures.size, "torrent")} could not be added: ${first}`;
}

/** Several links with blanks between them; a path may have blanks. */
function textsIn(typed: string): readonly string[] {
  const words = typed.split(/\s+/);
  return words.length > 1 && words.every((word) => looksLikeLink(word)) ? words : [typed];
}

function looksLikeLink(text: string): boolean {
  return /^(?:magnet:\?|https?:\/\/|file:\/\/)/i.test(text) || /^(?:[0-9a-f]{40}|[a-z2-7]{32})$/i.test(text);
}

/** Whether a pasted line is meant to be added: a link, an info hash, or the path of a .torrent file. */
export function looksLikeSource(line: string): boolean {
  const text = line.trim();
  return looksLikeLink(text) || /^(['"]?)(?:~?\/|\.{0,2}\/)?[^\n]*\.torrent\1$/i.test(text);
}
