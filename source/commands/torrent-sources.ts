/** What the UI is given to add torrents with: .torrent files, folders of them, URLs, magnet links, as people type them. */
import { access, constants, readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { looksLikeMagnet, parseMagnet } from "../metainfo/magnet.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Ports } from "../ports/ports.ts";
import type {
  AddDefaults,
  FoundSource,
  OpenedSources,
  OpenWatch,
  PlaceFacts,
  TorrentFacts,
  TorrentSources,
} from "../tui/torrent-sources.ts";
import { isUrl, type LoadedTorrent, loadTorrent, parseTorrent, reasonOf } from "./load-torrent.ts";
import { completePath, pathOf, torrentName } from "./path-completion.ts";

/** .torrent files that are added at once: a person's whole collection. */
const torrentsMax = 20_000;
/** Others have their turn after so many. */
const progressStep = 20;

type SourcePorts = Pick<Ports, "files" | "hasher" | "http">;

export function torrentSources(ports: SourcePorts, workingDirectory: string, defaults: AddDefaults): TorrentSources {
  return {
    defaults,
    open: (texts, watch) => openSources(ports, workingDirectory, texts, watch),
    read: (metainfo) => factsOf(parseTorrent(ports, Buffer.from(metainfo, "base64"), "its metadata").metainfo, true),
    complete: (text, kind) => completePath(workingDirectory, text, kind),
    place: (path) => placeFacts(pathOf(workingDirectory, path)),
  };
}

async function openSources(
  ports: SourcePorts,
  workingDirectory: string,
  texts: readonly string[],
  { signal, progress }: OpenWatch,
): Promise<OpenedSources> {
  const found = new Map<string, FoundSource>();
  const problems: OperationalError[] = [];
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await Promise.race([act(), cancelled(signal)]);
    } catch (error) {
      if (!(error instanceof OperationalError) || error.code === "cancelled") throw error;
      problems.push(error);
    }
  };
  const sources: string[] = [];
  for (const text of texts.map(meantBy))
    await attempt(async () => void sources.push(...(await spread(workingDirectory, text))));
  if (sources.length > torrentsMax) {
    throw new OperationalError(
      "too-many",
      `there are ${sources.length} .torrent files: at most ${torrentsMax} are added at once`,
    );
  }
  const isOne = sources.length === 1;
  for (const [i, source] of sources.entries()) {
    if (isOne && isUrl(source)) progress("fetching it");
    if (i > 0 && i % progressStep === 0) progress(`reading ${i} of ${sources.length}`);
    await attempt(async () => {
      const one = looksLikeMagnet(source)
        ? magnetSource(source)
        : await fileSource(ports, workingDirectory, source, isOne);
      const infoHash = one.kind === "magnet" ? one.infoHash : one.facts.infoHash;
      if (!found.has(infoHash)) found.set(infoHash, one);
    });
  }
  const [first] = problems;
  if (found.size === 0 && first !== undefined) throw first;
  return { found: [...found.values()], problems: problems.map(messageOf) };
}

function cancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = (): void => reject(new OperationalError("cancelled", "it was not waited for"));
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}

/** What terminals make of a file that is dropped on them, and what people copy with it. */
function meantBy(text: string): string {
  const trimmed = text.trim();
  const quoted = /^(['"])(.*)\1$/s.exec(trimmed)?.[2] ?? trimmed;
  if (!/^file:\/\//i.test(quoted)) return quoted;
  try {
    return fileURLToPath(quoted);
  } catch {
    throw new OperationalError("bad-url", "this file: URL names no file of this machine");
  }
}

/** A folder is the .torrent files in it. @throws OperationalError. */
async function spread(workingDirectory: string, text: string): Promise<readonly string[]> {
  if (isUrl(text) || looksLikeMagnet(text)) return [text];
  let path = pathOf(workingDirectory, text);
  let there = await stat(path).catch(() => undefined);
  if (there === undefined && text.includes("\\")) {
    // As a shell would write it.
    path = pathOf(workingDirectory, text.replace(/\\(.)/g, "$1"));
    there = await stat(path).catch(() => undefined);
  }
  if (there?.isDirectory() !== true) return [path];
  const names = await readdir(path).catch((error: unknown) => {
    throw new OperationalError(codeOf(error), `cannot read ${text}: ${reasonOf(error)}`, { cause: error });
  });
  const torrents = names.filter((name) => torrentName.test(name)).sort();
  if (torrents.length === 0) throw new OperationalError("empty-directory", `there is no .torrent file in ${text}`);
  return torrents.map((name) => join(path, name));
}

function magnetSource(link: string): FoundSource {
  const { infoHash, name, only } = parseMagnet(link);
  return { kind: "magnet", infoHash, name, link, only };
}

/** @param isOne keeps its bytes, and tells of its files. */
async function fileSource(
  ports: SourcePorts,
  workingDirectory: string,
  source: string,
  isOne: boolean,
): Promise<FoundSource> {
  const torrent = await loadTorrent(ports, workingDirectory, source);
  const facts = factsOf(torrent.metainfo, isOne);
  // Fetched once: its server may give another the next time.
  if (isOne || isUrl(source)) {
    const metainfo = base64Of(torrent);
    return { kind: "torrent", facts, metainfo: async () => metainfo };
  }
  const again = async (): Promise<string> => {
    const now = await loadTorrent(ports, workingDirectory, source);
    if (now.metainfo.infoHash === facts.infoHash) return base64Of(now);
    throw new OperationalError("changed", `${source} is another torrent now`);
  };
  return { kind: "torrent", facts, metainfo: again };
}

function base64Of({ bytes }: LoadedTorrent): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function factsOf(metainfo: Metainfo, hasFiles: boolean): TorrentFacts {
  const { infoHash, name, totalLength, pieceLength, pieceCount, isPrivate, comment, trackerTiers } = metainfo;
  const files = metainfo.files.flatMap(({ path, length, isPadding }, index) =>
    isPadding ? [] : [{ index, path: path.join("/"), length }],
  );
  return {
    ...{ infoHash, name, totalLength, pieceLength, pieceCount, isPrivate },
    comment: comment ?? "",
    trackers: [...new Set(trackerTiers.flat().flatMap((url) => URL.parse(url)?.hostname ?? []))],
    fileCount: files.length,
    files: hasFiles ? files : [],
  };
}

async function placeFacts(path: string): Promise<PlaceFacts> {
  const there = await stat(path).catch((error: unknown) => codeOf(error));
  const isThere = typeof there !== "string";
  if (isThere && !there.isDirectory()) return { path, isThere, freeBytes: null, problem: "a file has this name" };
  if (there === "ENOTDIR") return { path, isThere: false, freeBytes: null, problem: "a part of the path is a file" };
  for (let at = path; ; at = dirname(at)) {
    const free = await statfs(at).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    );
    if (free === undefined && at !== dirname(at)) continue;
    const problem = await access(at, constants.W_OK | constants.X_OK).then(
      () => "",
      (error: unknown) => reasonOf(error),
    );
    return { path, isThere, freeBytes: free ?? null, problem };
  }
}
