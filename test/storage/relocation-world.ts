/** A torrent's files on a virtual disk, strangers' files beside them, and a program that moves them and can be cut short. */
import { createHash } from "node:crypto";
import { SeededRandom } from "../../source/base/random.ts";
import {
  forgetRelocation,
  type RecoveredRelocation,
  type RelocationPlace,
  recoverRelocation,
  relocate,
} from "../../source/storage/relocation.ts";
import type { RelocationPlan, RelocationRequest } from "../../source/storage/relocation-plan.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { VirtualDisk } from "../support/virtual-disk.ts";

export const profile = "/profile";
const recordPath = `${profile}/torrent.move`;
const entryPath = `${profile}/torrent.entry`;

export interface MoveWorld {
  readonly request: RelocationRequest;
  /** Bytes by path below the roots, as text of one character a byte; those the torrent has on the disk. */
  readonly own: ReadonlyMap<string, string>;
  /** By absolute path. */
  readonly foreign: ReadonlyMap<string, string>;
}

export function placeOn(disk: VirtualDisk): RelocationPlace {
  return { files: disk, recordPath };
}

export async function put(disk: VirtualDisk, path: string, text: string): Promise<void> {
  await disk.makeDirectory(path.slice(0, path.lastIndexOf("/")) || "/");
  const file = await disk.open(path, "create");
  await file.write([new Uint8Array(Buffer.from(text, "latin1"))], 0);
  await file.close();
}

/** A disk with everything on it for certain; `/usb` is another file system. */
export async function diskOf({ request, own, foreign }: MoveWorld): Promise<VirtualDisk> {
  const disk = new VirtualDisk({ clock: new VirtualClock(), mounts: ["/usb"] });
  await disk.makeDirectory(profile);
  for (const { from } of request.files) {
    const text = own.get(from);
    if (text !== undefined) await put(disk, from, text);
  }
  for (const [path, text] of foreign) await put(disk, path, text);
  await writeEntry(disk, "old");
  disk.syncAll();
  return disk;
}

/** As the engine: moves, writes down where it is, forget the record. */
export async function moveOnce(disk: VirtualDisk, plan: RelocationPlan): Promise<void> {
  await relocate(plan, { ...placeOn(disk), random: new SeededRandom(7), note: "new" });
  await writeEntry(disk, "new");
  await forgetRelocation(placeOn(disk));
}

/** As the engine on its start. @returns where the torrent is. */
export async function startAgain(disk: VirtualDisk): Promise<"old" | "new"> {
  const recovered = await recover(disk);
  if (recovered?.outcome === "moved") {
    await writeEntry(disk, recovered.note);
    await forgetRelocation(placeOn(disk));
  }
  return readEntry(disk);
}

export function recover(disk: VirtualDisk): Promise<RecoveredRelocation | undefined> {
  return recoverRelocation(placeOn(disk), (note) => readEntry(disk) === note);
}

export function readEntry(disk: VirtualDisk): "old" | "new" {
  return disk.snapshot().get(entryPath) === "new" ? "new" : "old";
}

/** Every path and its bytes, as it has to be when the torrent is in the old or in the new place. Without empty folders. */
export function expectedFiles({ request, own, foreign }: MoveWorld, where: "old" | "new"): Map<string, string> {
  const expected = new Map(foreign);
  for (const { from, to } of request.files) {
    const text = own.get(from);
    if (text !== undefined) expected.set(where === "old" ? from : to, text);
  }
  expected.set(entryPath, where);
  return sorted(expected);
}

/** As `expectedFiles`. Without what an atomic write leaves in the profile when it is cut short. */
export function filesOn(disk: VirtualDisk): Map<string, string> {
  const isFile = ([path, text]: readonly [string, string]) => text !== "/" && !/^\/profile\/\..*\.tmp$/.test(path);
  return sorted(new Map([...disk.snapshot()].filter(isFile)));
}

/** Folders with nothing in them. */
export function emptyFoldersOn(disk: VirtualDisk): string[] {
  const all = [...disk.snapshot()];
  return all
    .filter(([path, text]) => text === "/" && !all.some(([other]) => other.startsWith(`${path}/`)))
    .map(([path]) => path);
}

async function writeEntry(disk: VirtualDisk, where: string): Promise<void> {
  await disk.writeFileAtomic(entryPath, new TextEncoder().encode(where));
}

/** Long texts as their length and digest: whoever reads a failure is grateful. */
function sorted(map: ReadonlyMap<string, string>): Map<string, string> {
  const short = (text: string) =>
    text.length <= 30
      ? text
      : `${text.length} bytes, ${createHash("sha1").update(text, "latin1").digest("hex").slice(0, 8)}`;
  return new Map(
    [...map].map(([path, text]): [string, string] => [path, short(text)]).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
