/** From what the user calls a torrent (a path, a URL) to its bytes and what they say. */
import { resolve } from "node:path";
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { mayName } from "../base/ip-address.ts";
import { maskUrl } from "../base/sanitise.ts";
import { looksLikeMagnet } from "../metainfo/magnet.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { parseMetainfo } from "../metainfo/parse-metainfo.ts";
import type { HttpClient } from "../ports/http.ts";
import type { Ports } from "../ports/ports.ts";

/** The largest seen in the wild are under 20 MB. */
export const torrentLengthMax = 32 * 1024 * 1024;
const fetchTimeoutMs = 60_000;

export interface LoadedTorrent {
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
}

/**
 * @param source a path, or an http or https URL.
 * @throws OperationalError: one sentence that names the source.
 */
export async function loadTorrent(
  ports: Pick<Ports, "files" | "hasher" | "http">,
  workingDirectory: string,
  source: string,
): Promise<LoadedTorrent> {
  if (looksLikeMagnet(source)) {
    throw new OperationalError(
      "magnet",
      "a magnet link says nothing of its files: this needs the .torrent file, or the http or https URL of one",
    );
  }
  const name = isUrl(source) ? maskUrl(source) : source;
  const bytes = isUrl(source)
    ? await fetchTorrent(ports.http, source)
    : await readTorrent(ports, resolve(workingDirectory, source), name);
  return parseTorrent(ports, bytes, name);
}

/** @param name where the bytes are from, for the message. @throws OperationalError. */
export function parseTorrent(ports: Pick<Ports, "hasher">, bytes: Uint8Array, name: string): LoadedTorrent {
  try {
    return { bytes, metainfo: parseMetainfo(bytes, ports.hasher) };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    throw new OperationalError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

async function readTorrent(ports: Pick<Ports, "files">, path: string, name: string): Promise<Uint8Array> {
  try {
    return await ports.files.readFile(path, torrentLengthMax);
  } catch (error) {
    throw new OperationalError(codeOf(error) || "unreadable", `cannot read ${name}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** What went wrong with a file, in words. */
export function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a directory";
    case "ENOTDIR":
      return "a part of the path is not a directory";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "too-large":
      return "it is too large to be a .torrent file";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    default:
      return messageOf(error);
  }
}

async function fetchTorrent(http: HttpClient, url: string): Promise<Uint8Array> {
  const name = maskUrl(url);
  // A redirect must not lead from the internet into the user's own network.
  let first: string | undefined;
  const response = await http
    .get({
      url,
      timeoutMs: fetchTimeoutMs,
      bodyLengthMax: torrentLengthMax,
      isAddressAllowed: (address) => {
        first ??= address;
        return mayName(first, address);
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof OperationalError)) throw error;
      throw new OperationalError(error.code, `cannot fetch ${name}: ${error.message}`, { cause: error });
    });
  if (response.status !== 200)
    throw new OperationalError("http-status", `cannot fetch ${name}: status ${response.status}`);
  return response.body;
}

/** Several, each once. */
export async function loadTorrents(
  ports: Pick<Ports, "files" | "hasher" | "http">,
  workingDirectory: string,
  sources: readonly string[],
): Promise<readonly LoadedTorrent[]> {
  const byHash = new Map<string, LoadedTorrent>();
  for (const source of sources) {
    const torrent = await loadTorrent(ports, workingDirectory, source);
    byHash.set(torrent.metainfo.infoHash, torrent);
  }
  return [...byHash.values()];
}
