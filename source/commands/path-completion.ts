/** How a path that is being typed may go on, as in a shell. */
import type { Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { looksLikeMagnet } from "../metainfo/magnet.ts";
import type { Completion, CompletionItem, CompletionKind } from "../tui/torrent-sources.ts";
import { isUrl } from "./load-torrent.ts";

/** Of a folder that somebody types in; of a larger one, the first. */
const entriesMax = 50_000;
/** Read in one go. */
const entriesAtOnce = 1_000;
/** Nobody reads more, and another letter makes them fewer. */
const itemsMax = 200;

export const torrentName = /\.torrent$/i;

/** With `~` for the home directory. @returns absolute. */
export function pathOf(workingDirectory: string, text: string): string {
  const home = text === "~" || text.startsWith("~/");
  return home ? join(homedir(), text.slice(1)) : resolve(workingDirectory, text);
}

/** Never rejects: what cannot be read has no entries. */
export async function completePath(workingDirectory: string, text: string, kind: CompletionKind): Promise<Completion> {
  if (text === "~") return { text: "~/", items: [{ name: "~", text: "~/", isFolder: true }], count: 1 };
  if (isUrl(text) || looksLikeMagnet(text)) return { text, items: [], count: 0 };
  const at = text.lastIndexOf("/") + 1;
  const above = text.slice(0, at);
  const begun = text.slice(at);
  const folder = pathOf(workingDirectory, above);
  const items: CompletionItem[] = [];
  const entries = (await entriesIn(folder)).filter(
    (entry) => !entry.isFile() || (kind === "sources" && torrentName.test(entry.name)),
  );
  for (const entry of fitting(entries, begun)) {
    const { name } = entry;
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(join(folder, name))));
    if (!isFolder && !(kind === "sources" && torrentName.test(name))) continue;
    items.push({ name, text: `${above}${name}${isFolder ? "/" : ""}`, isFolder });
  }
  // What can be added is what is looked for.
  items.sort((a, b) => Number(a.isFolder) - Number(b.isFolder) || (a.name < b.name ? -1 : 1));
  return { text: completed(text, items), items: items.slice(0, itemsMax), count: items.length };
}

/** None where it cannot be read. */
async function entriesIn(folder: string): Promise<readonly Dirent[]> {
  const found: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: entriesAtOnce })) {
      found.push(entry);
      if (found.length >= entriesMax) break;
    }
  } catch {
    return [];
  }
  return found;
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** In other letters where none fits as it is; hidden ones only for who types the dot. */
function fitting(entries: readonly Dirent[], begun: string): readonly Dirent[] {
  const seen = entries.filter(({ name }) => begun.startsWith(".") || !name.startsWith("."));
  const exact = seen.filter(({ name }) => name.startsWith(begun));
  if (exact.length > 0) return exact;
  const folded = begun.toLowerCase();
  return seen.filter(({ name }) => name.toLowerCase().startsWith(folded));
}

/** As far as all of them go on alike. */
function completed(text: string, items: readonly CompletionItem[]): string {
  const [first, ...others] = items.map((item) => item.text);
  if (first === undefined) return text;
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && other[same] === first[same]) same++;
    length = same;
  }
  // Not through the middle of a character.
  if (/[\ud800-\udbff]/.test(first[length - 1] ?? "")) length--;
  return length < text.length ? text : first.slice(0, length);
}
