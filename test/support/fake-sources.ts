/** What the UI is given to add torrents with, of files that exist only here. */
import { OperationalError } from "../../source/base/errors.ts";
import type { InfoHash } from "../../source/base/ids.ts";
import type {
  AddDefaults,
  Completion,
  CompletionKind,
  FoundSource,
  OpenedSources,
  OpenWatch,
  PlaceFacts,
  TorrentFacts,
  TorrentSources,
} from "../../source/tui/torrent-sources.ts";

export function fakeFacts(seed: number, files: readonly (readonly [path: string, length: number])[]): TorrentFacts {
  const totalLength = files.reduce((sum, [, length]) => sum + length, 0);
  return {
    infoHash: seed.toString(16).padStart(40, "e") as InfoHash,
    name: files[0]?.[0].split("/")[0] ?? "",
    totalLength,
    pieceLength: 262_144,
    pieceCount: Math.ceil(totalLength / 262_144),
    isPrivate: false,
    comment: "",
    trackers: ["tracker.example.org", "other.example.org"],
    fileCount: files.length,
    files: files.map(([path, length], index) => ({ index, path, length })),
  };
}

export const albumFacts = fakeFacts(1, [
  ["album/one.flac", 30_000_000],
  ["album/two.flac", 40_000_000],
  ["album/art/front.jpg", 2_000_000],
  ["album/art/back.jpg", 1_000_000],
]);

export class FakeSources implements TorrentSources {
  readonly defaults: AddDefaults = { savePath: "/data", isPaused: false, isSequential: false, peers: [] };
  /** By absolute path. */
  readonly torrents = new Map<string, TorrentFacts>();
  readonly folders = new Set<string>(["/data", "/data/films", "/data/music"]);
  readonly opened: string[] = [];
  freeBytes = 5e10;
  /** Where it is set, opening does not end before it does. */
  waits: Promise<void> | undefined;

  constructor(torrents: Readonly<Record<string, TorrentFacts>> = { "/home/me/album.torrent": albumFacts }) {
    for (const [path, facts] of Object.entries(torrents)) {
      this.torrents.set(path, facts);
      for (let at = path; at !== ""; ) {
        at = at.slice(0, at.lastIndexOf("/"));
        if (at !== "") this.folders.add(at);
      }
    }
  }

  async open(texts: readonly string[], { progress }: OpenWatch): Promise<OpenedSources> {
    this.opened.push(...texts);
    progress("reading it");
    await this.waits;
    const found: FoundSource[] = [];
    for (const text of texts) {
      if (text.startsWith("magnet:")) {
        const infoHash = (/[0-9a-f]{40}/.exec(text)?.[0] ?? "") as InfoHash;
        found.push({ kind: "magnet", infoHash, name: "a link", link: text, only: [] });
        continue;
      }
      const paths = this.folders.has(text)
        ? [...this.torrents.keys()].filter((path) => path.startsWith(`${text}/`))
        : this.torrents.has(text)
          ? [text]
          : [];
      if (paths.length === 0) throw new OperationalError("not-found", `there is no file ${text}`);
      for (const path of paths) {
        const facts = this.torrents.get(path);
        if (facts === undefined) continue;
        const shown = paths.length === 1 ? facts : { ...facts, files: [] };
        found.push({ kind: "torrent", facts: shown, metainfo: async () => btoa(path) });
      }
    }
    return { found, problems: [] };
  }

  read(): TorrentFacts {
    return albumFacts;
  }

  async complete(text: string, kind: CompletionKind): Promise<Completion> {
    const at = text.lastIndexOf("/") + 1;
    const files = kind === "sources" ? [...this.torrents.keys()] : [];
    const all = [
      ...files.map((path) => ({ path, isFolder: false })),
      ...[...this.folders].map((path) => ({ path, isFolder: true })),
    ];
    const items = all
      .filter(({ path }) => path.startsWith(text) && !path.slice(at).includes("/") && path.length > at)
      .map(({ path, isFolder }) => ({ name: path.slice(at), text: isFolder ? `${path}/` : path, isFolder }));
    const [first = text] = items.map((item) => item.text);
    return { text: items.length === 1 ? first : text, items, count: items.length };
  }

  async place(path: string): Promise<PlaceFacts> {
    const isFile = this.torrents.has(path);
    const problem = isFile ? "a file has this name" : "";
    return { path, isThere: this.folders.has(path), freeBytes: this.freeBytes, problem };
  }
}
