/**
 * What p2p-tui.js starts: loads the scripts beside it (build-scripts.ts) and keeps what V8 has compiled of them for the next start.
 * A quarter of a start's processor time was compiling; Node's own compile cache does not help there, since it keeps functions
 * only that are compiled before a module runs.
 *
 * What is loaded at once (a command with all it needs) is a group, with a file of its own. It is written when the program has
 * run for a while, or at its end, and only where there was none that fits: of another Node, of another build, damaged.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

type Exports = object | Promise<object>;
type Factory = (
  load: (specifier: string) => unknown,
  loadLater: (specifier: string) => Promise<unknown>,
  require: NodeJS.Require,
  meta: ImportMeta,
) => Exports;

/** Of a script in a kept file: its name, the checksum of its text, and how long its compiled code is. */
type Entry = readonly [name: string, checksum: number, length: number];

type Kept = ReadonlyMap<string, { readonly checksum: number; readonly code: Uint8Array }>;

interface LoadedScript {
  readonly name: string;
  readonly checksum: number;
  readonly script: Script;
}

interface Group {
  readonly entry: string;
  /** What V8 wrote before its code was loaded of a script that is always the same. */
  readonly sample: Uint8Array;
  /** Nothing once it is loaded. */
  kept: Kept;
  readonly scripts: LoadedScript[];
  /** Something of it had to be compiled. */
  isStale: boolean;
}

/** By then what a start needs has run, and nothing of it is forgotten yet. */
const keepAfterMs = 5000;
/** Of a kept file: the checksum of the rest, and the length of the list that follows. */
const prefixLength = 8;
/** Bytes at the beginning of compiled code that say for what it is: V8's version, its flags, the text. */
const headerLength = 32;

const home = import.meta.dirname;
const require = createRequire(import.meta.url);
const loaded = new Map<string, unknown>();
const groups: Group[] = [];
const sampled = new Script("0");

/**
 * Beside the program where we may write there, else in the user's cache: never in a shared temporary directory, where others
 * could put code for us to run.
 */
function keepingFolder(): string | undefined {
  const version = `${process.version}-${process.arch}`;
  try {
    accessSync(home, constants.W_OK);
    return join(home, ".compile-cache", version);
  } catch {
    const { XDG_CACHE_HOME: cache, HOME: user } = process.env;
    if (cache !== undefined && isAbsolute(cache)) return join(cache, "p2p-tui", version);
    return user !== undefined && isAbsolute(user) ? join(user, ".cache/p2p-tui", version) : undefined;
  }
}
const folder = keepingFolder();

/** @returns nothing for a file that is not there, or is not what was written. */
function readKept(entry: string): Kept {
  const kept = new Map<string, { readonly checksum: number; readonly code: Uint8Array }>();
  if (folder === undefined) return kept;
  try {
    const file = readFileSync(join(folder, entry));
    if (file.readUInt32LE(0) !== crc32(file.subarray(4))) return kept;
    let at = prefixLength + file.readUInt32LE(4);
    for (const [name, checksum, length] of JSON.parse(file.toString("latin1", prefixLength, at)) as Entry[]) {
      kept.set(name, { checksum, code: file.subarray(at, at + length) });
      at += length;
    }
  } catch {
    // Not there, or cut off.
  }
  return kept;
}

function load(specifier: string, group: Group): unknown {
  if (specifier.startsWith("node:")) return process.getBuiltinModule(specifier);
  if (loaded.has(specifier)) return loaded.get(specifier);
  const name = specifier.slice("./".length);
  const filename = join(home, name);
  const text = readFileSync(filename);
  const checksum = crc32(text);
  const kept = group.kept.get(name);
  const cachedData = kept?.checksum === checksum ? kept.code : undefined;
  const script = new Script(text.toString(), { filename, ...(cachedData === undefined ? {} : { cachedData }) });
  group.scripts.push({ name, checksum, script });
  group.isStale ||= script.cachedDataRejected !== false;
  const factory = script.runInThisContext() as Factory;
  const exports = factory((needed) => load(needed, group), loadLater, require, import.meta);
  loaded.set(specifier, exports);
  return exports;
}

function loadGroup(specifier: string): unknown {
  if (loaded.has(specifier)) return loaded.get(specifier);
  const entry = specifier.slice("./".length);
  const group = { entry, sample: sampled.createCachedData(), kept: readKept(entry), scripts: [], isStale: false };
  groups.push(group);
  const exports = load(specifier, group);
  group.kept = new Map();
  return exports;
}

async function loadLater(specifier: string): Promise<unknown> {
  return specifier.startsWith("node:") ? await import(specifier) : loadGroup(specifier);
}

/**
 * The program itself is kept with each command that is: more of it has run by then than `--help` needs. Of a program that was
 * removed or replaced meanwhile nothing is: its folder would come back, or get in the way of the one that is put there.
 */
function keepWhatIsNew(): void {
  const [program, ...commands] = groups;
  const stale = commands.filter(({ isStale, entry }) => isStale && existsSync(join(home, entry)));
  if (folder === undefined || program === undefined || stale.length === 0) return;
  try {
    makeFolder(folder);
    for (const name of readdirSync(folder)) if (!existsSync(join(home, name))) rmSync(join(folder, name));
    for (const group of [program, ...stale]) writeKept(group, join(folder, group.entry));
  } catch {
    // A full disk, a folder that is not ours: the next start takes as long as this one.
  }
}

/** At once, as a process ends. Not by Node's own `recursive`: where a parent is there but takes no folders (/proc, a home that is not mounted), it never ends. */
function makeFolder(path: string): void {
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

function writeKept(group: Group, path: string): void {
  const codes = group.scripts.map(({ script }) => asLoaded(script.createCachedData(), group.sample));
  const entries = group.scripts.map(({ name, checksum }, i): Entry => [name, checksum, codes[i]?.length ?? 0]);
  const list = Buffer.from(JSON.stringify(entries));
  const file = Buffer.concat([Buffer.alloc(prefixLength), list, ...codes]);
  file.writeUInt32LE(list.length, 4);
  file.writeUInt32LE(crc32(file.subarray(4)), 0);
  const aside = `${path}.${process.pid}`;
  try {
    writeFileSync(aside, file);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  group.isStale = false;
}

/**
 * V8 takes code only under the flags that it was written under. The program changes some as it runs, of the heap alone: where a
 * sample written now differs from one written when the code was loaded is what the next start will look for.
 * @throws Error where they differ in more than that.
 */
function asLoaded(code: Uint8Array, sample: Uint8Array): Uint8Array {
  const now = sampled.createCachedData();
  for (let i = 0; i < headerLength; i++) {
    const byte = sample[i];
    if (byte === undefined || byte === now[i]) continue;
    if (code[i] !== now[i]) throw new Error("unknown format");
    code[i] = byte;
  }
  return code;
}

setTimeout(keepWhatIsNew, keepAfterMs).unref();
process.on("exit", keepWhatIsNew);
await loadGroup("./main.js");
