/**
 * What p2p-tui.js starts: loads the scripts beside it (build-scripts.ts) and keeps what V8 has compiled of them for the next start.
 * A quarter of a start's processor time was compiling; Node's own compile cache does not help there, since it keeps functions
 * only that are compiled before a module runs.
 *
 * What is loaded at once (a command with all it needs) is a group, with a file of its own. It is written when the program has
 * run for a while, or at its end, and only where there was none that fits (of another Node, of another build, damaged) or few
 * runs have written it: the first may have ended early, and each adds what it compiled to what it found.
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

/** What a kept file begins with. */
interface List {
  /** So many have written it. */
  readonly runs: number;
  readonly entries: readonly Entry[];
}

type Kept = Map<string, { readonly checksum: number; readonly code: Uint8Array }>;

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
  /** How many have written what is kept of it: none where some of it is not, or does not fit. */
  runs: number;
  /** This run has. */
  isWritten: boolean;
}

/** By then what a start needs has run, and nothing of it is forgotten yet. */
const keepAfterMs = 5000;
/** So many runs write at their end, which comes some 10 ms later then. */
const runsMax = 3;
/** Where so many were short, some that last still write. */
const lastingRunsMax = 6;
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
function readKept(entry: string): { readonly runs: number; readonly kept: Kept } {
  const kept: Kept = new Map();
  const nothing = { runs: 0, kept: new Map() };
  if (folder === undefined) return nothing;
  try {
    const file = readFileSync(join(folder, entry));
    if (file.readUInt32LE(0) !== crc32(file.subarray(4))) return nothing;
    let at = prefixLength + file.readUInt32LE(4);
    const { runs, entries } = JSON.parse(file.toString("latin1", prefixLength, at)) as List;
    for (const [name, checksum, length] of entries) {
      kept.set(name, { checksum, code: file.subarray(at, at + length) });
      at += length;
    }
    return { runs, kept };
  } catch {
    // Not there, cut off, or of a build that wrote it otherwise.
    return nothing;
  }
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
  if (script.cachedDataRejected !== false) group.runs = 0;
  const factory = script.runInThisContext() as Factory;
  const exports = factory((needed) => load(needed, group), loadLater, require, import.meta);
  loaded.set(specifier, exports);
  return exports;
}

function loadGroup(specifier: string): unknown {
  if (loaded.has(specifier)) return loaded.get(specifier);
  const entry = specifier.slice("./".length);
  const sample = sampled.createCachedData();
  const group: Group = { entry, sample, ...readKept(entry), scripts: [], isWritten: false };
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
function keepWhatIsNew(ofRuns: number): void {
  const [program, ...commands] = groups;
  const due = commands.filter(
    ({ runs, isWritten, entry }) => runs < ofRuns && !isWritten && existsSync(join(home, entry)),
  );
  if (folder === undefined || program === undefined || due.length === 0) return;
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    for (const name of readdirSync(folder)) if (!existsSync(join(home, name))) rmSync(join(folder, name));
    for (const group of [program, ...due]) writeKept(group, join(folder, group.entry));
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

/** What is kept stays, also of scripts that this run did not load, and what another process has written meanwhile. */
function writeKept(group: Group, path: string): void {
  const { kept } = readKept(group.entry);
  for (const name of kept.keys()) if (!existsSync(join(home, name))) kept.delete(name);
  for (const { name, checksum, script } of group.scripts) {
    const code = asLoaded(script.createCachedData(), group.sample);
    const before = kept.get(name);
    const isFit = before?.checksum === checksum && script.cachedDataRejected !== true;
    // V8 writes what it has loaded and what it has compiled, without what it forgot: what has not run for some collections of garbage.
    if (!isFit || code.length > before.code.length) kept.set(name, { checksum, code });
  }
  const codes = [...kept.values()].map(({ code }) => code);
  const entries = [...kept].map(([name, { checksum, code }]): Entry => [name, checksum, code.length]);
  const list = Buffer.from(JSON.stringify({ runs: group.runs + 1, entries } satisfies List));
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
  group.isWritten = true;
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

setTimeout(keepWhatIsNew, keepAfterMs, lastingRunsMax).unref();
process.on("exit", () => keepWhatIsNew(runsMax));
await loadGroup("./main.js");
