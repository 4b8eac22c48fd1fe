/**
 * A .torrent file's bytes as a `Metainfo` (BEP 3, 12, 19, 27, 47). Everything that later code relies on is checked here,
 * and limits before anything is made of a claimed size. Hybrids (BEP 52) load as the v1 torrents that they also are.
 *
 * What makes the content ambiguous is refused. What does not (keys we do not know, a comment that is a number, a tracker
 * URL of an unknown kind) is passed over, because real torrents have all of it.
 */

import { messageOf, OperationalError } from "../base/errors.ts";
import { infoHashFromBytes } from "../base/ids.ts";
import { decodeDict } from "../bencode/decode.ts";
import { asDict, asText, type BencodeDict, textOf } from "../bencode/value.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { Metainfo, MetainfoFile } from "./metainfo.ts";
import { nodesOf } from "./metainfo-nodes.ts";
import { trackerTiersOf, webSeedsOf } from "./metainfo-urls.ts";
import { byteLengthOf, pathDepthMax, pathLengthMax, safeElement, uniquePaths } from "./safe-paths.ts";

/**
 * Bytes of a .torrent file. The largest seen in the wild are under 20 MB. It also bounds the pieces, of which each has
 * 20 bytes of hash: 1.6 million at most.
 */
export const metainfoLengthMax = 32 * 1024 * 1024;
/** Values in it: six for each of the most files. What they cost in memory is measured in test/metainfo. */
const itemCountMax = 1_500_000;
/** Each costs some hundred bytes of memory and a row on the screen. */
export const fileCountMax = 250_000;
/** Twice as long pieces as any maker offers; a piece is the least that can be checked, and is read whole. */
export const pieceLengthMax = 2 ** 28;
/** Characters of `comment` and `created by` that are kept. */
const noteLengthMax = 10_000;
/** Seconds: the last moment that a `Date` can hold. */
const creationDateMax = 8_640_000_000_000;

const hashLength = 20;

/**
 * @param bytes the whole file; nothing of it is kept.
 * @throws OperationalError `bad-metainfo`, `v2-only`.
 */
export function parseMetainfo(bytes: Uint8Array, hasher: Hasher): Metainfo {
  const root = decodeRoot(bytes);
  const info = root.dict("info");
  const span = root.span("info");
  if (info === undefined || span === undefined) return refuse("it has no info dictionary");
  const pieces = info.bytes("pieces");
  if (pieces === undefined) return refuseWithoutPieces(info);
  // Our own copy, so that the file's bytes can go.
  const infoBytes = span.slice();
  const piecesAt = pieces.byteOffset - span.byteOffset;
  const pieceHashes = infoBytes.subarray(piecesAt, piecesAt + pieces.length);

  const name = info.text(isUtf8Text(info, "name.utf-8") ? "name.utf-8" : "name");
  if (name === undefined) return refuse("it has no name");
  const pieceLength = info.integer("piece length");
  if (pieceLength === undefined || pieceLength < 1 || pieceLength > pieceLengthMax) {
    return refuse(`its piece length is not between 1 and ${pieceLengthMax} bytes`);
  }
  const { files, totalLength } = info.has("files") ? manyFiles(info, name) : oneFile(info, name);
  const pieceCount = Math.ceil(totalLength / pieceLength);
  if (pieces.length !== pieceCount * hashLength) {
    return refuse(
      `it has ${pieces.length} bytes of piece hashes where its length asks for ${pieceCount} of ${hashLength}`,
    );
  }
  const creationDate = root.integer("creation date");
  return {
    infoHash: infoHashFromBytes(hasher.sha1(infoBytes)),
    name,
    pieceLength,
    pieceCount,
    totalLength,
    pieceHashes,
    files,
    // BEP 27 says 1; anything but 0 was not meant as an invitation.
    isPrivate: (info.get("private") ?? 0) !== 0,
    trackerTiers: trackerTiersOf(root),
    webSeeds: webSeedsOf(root),
    nodes: nodesOf(root),
    comment: note(root, "comment"),
    createdBy: note(root, "created by"),
    creationDate:
      creationDate !== undefined && creationDate >= 0 && creationDate <= creationDateMax ? creationDate : undefined,
    infoBytes,
  };
}

function decodeRoot(bytes: Uint8Array): BencodeDict {
  if (bytes.length === 0) return refuse("the file is empty");
  if (/^\s*</.test(textOf(bytes.subarray(0, 100)))) return refuse("it is a web page, not a torrent file");
  try {
    return decodeDict(bytes, { lengthMax: metainfoLengthMax, itemCountMax });
  } catch (error) {
    throw new OperationalError("bad-metainfo", `not a valid torrent: ${messageOf(error)}`, { cause: error });
  }
}

function refuseWithoutPieces(info: BencodeDict): never {
  if (info.has("meta version") || info.has("file tree")) {
    throw new OperationalError("v2-only", "this is a BitTorrent v2-only torrent; those are not supported yet");
  }
  return refuse("it has no piece hashes");
}

function refuse(problem: string): never {
  throw new OperationalError("bad-metainfo", `not a valid torrent: ${problem}`);
}

interface Content {
  readonly files: readonly MetainfoFile[];
  /** At least 1. */
  readonly totalLength: number;
}

function oneFile(info: BencodeDict, name: string): Content {
  const length = lengthOf(info);
  if (length === 0) return refuse("it has no content (its length is 0)");
  return { files: [{ path: [safeElement(name)], length, offset: 0, isPadding: false }], totalLength: length };
}

function manyFiles(info: BencodeDict, name: string): Content {
  const list = info.list("files");
  if (list === undefined || list.length === 0) return refuse("its list of files is empty");
  if (list.length > fileCountMax) return refuse(`it has ${list.length} files, more than ${fileCountMax}`);
  const folder = safeElement(name);
  const stored: { readonly index: number; readonly path: readonly string[] }[] = [];
  const files: MetainfoFile[] = [];
  let offset = 0;
  let storedLength = 0;
  for (const item of list) {
    const entry = asDict(item);
    if (entry === undefined) return refuse("an entry of its list of files is no dictionary");
    const length = lengthOf(entry);
    const attributes = entry.text("attr") ?? "";
    // BEP 47. A symbolic link has no content; we make none, wherever it points (HOSTILE A2).
    if (attributes.includes("l") && length === 0) continue;
    const isPadding = attributes.includes("p");
    const path = isPadding ? [folder, ".pad", String(length)] : [folder, ...pathOf(entry)];
    if (!isPadding) {
      stored.push({ index: files.length, path });
      storedLength += length;
    }
    files.push({ path, length, offset, isPadding });
    offset += length;
    if (!Number.isSafeInteger(offset)) return refuse("its files are too long together");
  }
  if (storedLength === 0) return refuse("it has no content (all of its files are empty)");
  const unique = uniquePaths(stored.map(({ path }) => path));
  stored.forEach(({ index }, i) => {
    const file = files[index];
    const path = unique[i];
    if (file !== undefined && path !== undefined && path !== file.path) files[index] = { ...file, path };
  });
  return { files, totalLength: offset };
}

function lengthOf(entry: BencodeDict): number {
  const length = entry.integer("length");
  return length === undefined || length < 0 ? refuse("a file's length is missing or not a length") : length;
}

/** The elements of a file's path below the torrent's folder, made safe. */
function pathOf(entry: BencodeDict): readonly string[] {
  const utf8Path = entry.list("path.utf-8");
  const list = utf8Path !== undefined && utf8Path.length > 0 ? utf8Path : entry.list("path");
  if (list === undefined || list.length === 0) return refuse("a file has no path");
  if (list.length >= pathDepthMax) return refuse(`a file lies more than ${pathDepthMax} folders deep`);
  let pathLength = 0;
  const path = list.map((each) => {
    const element = asText(each);
    if (element === undefined) return refuse("an element of a file's path is no text");
    const safe = safeElement(element);
    pathLength += byteLengthOf(safe) + 1;
    return safe;
  });
  return pathLength > pathLengthMax ? refuse(`a file's path is longer than ${pathLengthMax} bytes`) : path;
}

/** Some makers wrote a `.utf-8` twin beside a text of another encoding; a few left it empty. */
function isUtf8Text(dict: BencodeDict, key: string): boolean {
  const text = dict.text(key);
  return text !== undefined && text !== "" && !text.includes("\ufffd");
}

function note(root: BencodeDict, key: string): string | undefined {
  const text = root.text(isUtf8Text(root, `${key}.utf-8`) ? `${key}.utf-8` : key);
  return text === undefined || text === "" ? undefined : text.slice(0, noteLengthMax);
}
