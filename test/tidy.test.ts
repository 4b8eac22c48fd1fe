/**
 * Keeps the house as source/README.md says: imports go one way, time, chance and I/O come in through ports, files and
 * functions stay short. What fails here says where and why.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { blanked, functionsOf, importsOf, lineOf, type ScannedImport } from "./support/source-scan.ts";

const root = join(import.meta.dirname, "..");
const fileLinesMax = 400;
const functionLinesMax = 90;

interface Source {
  /** From the repository's root, with `/`. */
  readonly path: string;
  /** The folder below source/, or the file's name for those directly in it. */
  readonly room: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly ScannedImport[];
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

const sources: readonly Source[] = filesBelow("source")
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const code = blanked(text);
    return { path, room: path.split("/")[1] ?? "", text, code, imports: importsOf(text, code) };
  });

/** What each room may import besides itself. Rooms that a list leaves out are what the design forbids. */
const below = {
  base: [],
  ports: ["base"],
  parts: ["base", "ports", "bencode", "metainfo", "wire"],
  swarm: ["base", "ports", "bencode", "metainfo", "wire", "swarm", "discovery", "storage", "tracker"],
};
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: below.base,
  ports: below.ports,
  preferences: ["base"],
  settings: ["base", "ports", "preferences"],
  bencode: below.parts,
  metainfo: below.parts,
  wire: below.parts,
  swarm: below.swarm,
  discovery: below.swarm,
  storage: below.swarm,
  tracker: below.swarm,
  engine: [...below.swarm, "settings"],
  control: [...below.swarm, "settings", "engine"],
  simulator: [...below.swarm, "engine", "control"],
  // The control protocol's transport (WebSocket on a Unix socket) is the system's too.
  platform: ["base", "ports", "control"],
  tui: ["base", "control", "preferences"],
  commands: [...below.swarm, "settings", "engine", "control", "simulator", "platform", "tui"],
  "cli.ts": ["base", "commands", "platform"],
  "build.ts": ["build-layers.ts", "build-scripts.ts"],
  "build-layers.ts": [],
  "build-scripts.ts": [],
  "start.ts": [],
};
/**
 * The rooms inside `engine`: each may import those before it. What stands at the engine's top may import them all, and
 * they may name its types.
 */
const engineRooms = [
  "profile",
  "statistics",
  "limits",
  "network",
  "files",
  "run",
  "magnets",
  "finders",
  "housekeeping",
];
/** What of `control` the screen may see: the protocol, the client's side of it, filters and names of both faces; no engine object. */
const controlForTui =
  /^source\/control\/(?:protocol|settings-protocol|insight|bound|forecast|client|engine-client|limits|channel|torrent-filter|torrent-row|verdict|move-protocol)\.ts$/;
/** Packages that touch nothing of the world, each where its one use is. */
const purePackages: Readonly<Record<string, string>> = {
  "source/bencode/encode.ts": "bencode",
  "source/settings/parse-settings.ts": "smol-toml",
};
/** The only rooms that touch the system. */
const worldly = new Set([
  "platform",
  "commands",
  "tui",
  "cli.ts",
  "start.ts",
  "build.ts",
  "build-layers.ts",
  "build-scripts.ts",
]);

function targetOf(source: Source, specifier: string): string {
  return normalize(join(dirname(source.path), specifier)).replaceAll("\\", "/");
}

function relativeImports(source: Source): readonly ScannedImport[] {
  return source.imports.filter(({ specifier }) => specifier.startsWith("."));
}

/** Paths in the order of the cycle, for each cycle found. */
function cyclesOf(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (node: string, trail: readonly string[]): void => {
    if (state.get(node) === "done") return;
    if (state.get(node) === "open") {
      cycles.push([...trail.slice(trail.indexOf(node)), node].join(" → "));
      return;
    }
    state.set(node, "open");
    for (const next of edges.get(node) ?? []) visit(next, [...trail, node]);
    state.set(node, "done");
  };
  for (const node of edges.keys()) visit(node, []);
  return cycles;
}

function edgesBetween(key: (path: string) => string, isFileLevel: boolean): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const { specifier, isTypeOnly } of relativeImports(source)) {
      // Types are gone when the program runs: between two files of one room they may name each other.
      if (isFileLevel && isTypeOnly) continue;
      const from = key(source.path);
      const to = key(targetOf(source, specifier));
      if (from === to) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  return edges;
}

/** Each use of a word of the ambient world, in code that must get its world through ports. */
const ambient =
  /(?<![.\w$#])(?:Date|performance|setTimeout|setInterval|setImmediate|process|console|fetch|crypto|require|globalThis|navigator|WebSocket|Buffer)\b(?!\s*\??:(?!:))|\bMath\s*\.\s*random\b|\bAbortSignal\s*\.\s*timeout\b/g;

describe("the house", () => {
  it("has only rooms that the design knows", () => {
    expect(sources.filter(({ room }) => allowed[room] === undefined).map(({ path }) => path)).toEqual([]);
  });

  it("imports in one direction only", () => {
    const problems: string[] = [];
    for (const source of sources) {
      for (const { specifier, line } of relativeImports(source)) {
        const target = targetOf(source, specifier);
        const room = target.split("/")[1] ?? "";
        const where = `${source.path}:${line}`;
        if (target === "package.json" && source.room === "commands") continue; // its version
        if (!target.startsWith("source/")) problems.push(`${where} imports ${target}, which is not in source/`);
        else if (room !== source.room && !(allowed[source.room] ?? []).includes(room))
          problems.push(`${where} imports ${target}; ${source.room} may not import ${room}`);
        else if (source.room === "tui" && room === "control" && !controlForTui.test(target))
          problems.push(`${where} imports ${target}; of control the tui sees only the protocol and the client`);
      }
    }
    expect(problems).toEqual([]);
  });

  it("imports in one direction between the rooms of the engine", () => {
    const roomIn = (path: string) => /^source\/engine\/([^/]+)\//.exec(path)?.[1];
    const isInEngine = (path: string) => path.startsWith("source/engine/");
    const problems: string[] = [];
    for (const source of sources.filter(({ path }) => isInEngine(path))) {
      const from = roomIn(source.path);
      if (from === undefined) continue;
      if (!engineRooms.includes(from)) problems.push(`${source.path} is in a room that the design does not know`);
      for (const { specifier, line, isTypeOnly } of relativeImports(source)) {
        const target = targetOf(source, specifier);
        if (!isInEngine(target)) continue;
        const to = roomIn(target);
        const where = `${source.path}:${line} imports ${target}`;
        if (to === undefined && !isTypeOnly) problems.push(`${where}; of the engine's top a room may have types only`);
        if (to !== undefined && engineRooms.indexOf(to) > engineRooms.indexOf(from))
          problems.push(`${where}; ${from} may not import ${to}`);
      }
    }
    expect(problems).toEqual([]);
  });

  it("has no cycle between rooms", () => {
    expect(cyclesOf(edgesBetween((path) => path.split("/")[1] ?? "", false))).toEqual([]);
  });

  it("has no cycle between files", () => {
    expect(cyclesOf(edgesBetween((path) => path, true))).toEqual([]);
  });

  it("imports files by name and extension, and such as exist", () => {
    const known = new Set(sources.map(({ path }) => path));
    const problems = sources.flatMap((source) =>
      relativeImports(source)
        .filter(({ specifier }) => {
          const target = targetOf(source, specifier);
          return !/\.(?:tsx?|json)$/.test(target) || (/\.tsx?$/.test(target) && !known.has(target));
        })
        .map(({ specifier, line }) => `${source.path}:${line} imports ${specifier}`),
    );
    expect(problems).toEqual([]);
  });

  it("touches the system only in platform, commands, tui and cli", () => {
    const problems: string[] = [];
    for (const source of sources) {
      if (worldly.has(source.room)) continue;
      for (const { specifier, line } of source.imports) {
        const isPure = purePackages[source.path] === specifier;
        if (!specifier.startsWith(".") && !isPure) problems.push(`${source.path}:${line} imports ${specifier}`);
      }
      for (const match of source.code.matchAll(ambient)) {
        problems.push(
          `${source.path}:${lineOf(source.code, match.index)} uses ${match[0]}; it comes in through a port`,
        );
      }
    }
    expect(problems).toEqual([]);
  });
});

describe("every source file", () => {
  it("ends the process nowhere but in cli", () => {
    const problems = sources
      .filter(({ room, code }) => room !== "cli.ts" && room !== "build.ts" && /\bprocess\s*\.\s*exit\s*\(/.test(code))
      .map(({ path }) => `${path} calls process.exit`);
    expect(problems).toEqual([]);
  });

  it(`has at most ${fileLinesMax} lines`, () => {
    const problems = sources
      .map(({ path, text }) => ({ path, count: text.trimEnd().split("\n").length }))
      .filter(({ count }) => count > fileLinesMax)
      .map(({ path, count }) => `${path} has ${count} lines; it is asking to be two`);
    expect(problems).toEqual([]);
  });

  it(`has functions of at most ${functionLinesMax} lines`, () => {
    const problems = sources.flatMap(({ path, code }) =>
      functionsOf(code)
        .filter(({ lineCount }) => lineCount > functionLinesMax)
        .map(({ line, lineCount }) => `${path}:${line} a function of ${lineCount} lines`),
    );
    expect(problems).toEqual([]);
  });

  it("exports by name and opens no hole in the types", () => {
    const holes: readonly (readonly [RegExp, string])[] = [
      [/\bas\s+any\b|[:<,|]\s*any\b(?!\s*[(:.])/g, "`any`"],
      [/\bexport\s+default\b/g, "a default export"],
    ];
    const ours = sources.filter(({ path }) => !path.endsWith(".d.ts")); // those describe packages as they are
    const problems = ours.flatMap(({ path, code, text }) => [
      ...holes.flatMap(([pattern, what]) =>
        [...code.matchAll(pattern)].map((match) => `${path}:${lineOf(code, match.index)} has ${what}`),
      ),
      ...[...text.matchAll(/@ts-(?:ignore|nocheck|expect-error)/g)].map(
        (match) => `${path}:${lineOf(text, match.index)} has ${match[0]}`,
      ),
    ]);
    expect(problems).toEqual([]);
  });

  it("speaks of pieces and blocks, never of chunks", () => {
    const problems = sources
      .filter(({ room }) => !worldly.has(room)) // streams of bytes have theirs
      .flatMap(({ path, code }) =>
        [...code.matchAll(/\w*chunk\w*/gi)].map((match) => `${path}:${lineOf(code, match.index)} says ${match[0]}`),
      );
    expect(problems).toEqual([]);
  });
});

const topLevel = [
  "LICENSE",
  "README.md",
  "fixtures",
  "package-lock.json",
  "package.json",
  "source",
  "test",
  "tsconfig.json",
];
const toolFiles = [".ci", ".gitignore", ".npmrc", "biome.json", "vitest.config.ts"];

/** What belongs to the repository, `undefined` where this is no clone of it or there is no git. */
function trackedPaths(): string[] | undefined {
  if (!existsSync(join(root, ".git"))) return undefined;
  try {
    const list = execFileSync("git", ["-c", "safe.directory=*", "ls-files", "-z"], {
      cwd: root,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return list.toString().split("\0").filter(Boolean);
  } catch {
    return undefined;
  }
}

describe("the repository", () => {
  const paths = trackedPaths();

  it.skipIf(paths === undefined)("has nothing at its top but what belongs there (needs a clone, and git)", () => {
    const names = new Set(paths?.map((path) => path.split("/")[0]));
    expect([...names].sort()).toEqual([...topLevel, ...toolFiles].sort());
  });
});

describe("every file's name", () => {
  it("is in kebab case", () => {
    const problems = [...filesBelow("source"), ...filesBelow("test")]
      .filter((path) => /\.tsx?$/.test(path))
      .filter(
        (path) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)+[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d|\.bench)?\.tsx?$/.test(path),
      );
    expect(problems).toEqual([]);
  });
});

describe("the scan itself", () => {
  it("does not see words in comments, texts and patterns", () => {
    const code = blanked(`a; // Date\n/* Date */ "Date" 'Date' \`Date \${b + \`Date\`} Date\` + /[/"]Date/.test(c); d`);
    expect(code).not.toContain("Date");
    for (const name of ["a;", "b", ".test(c)", "; d"]) expect(code).toContain(name);
  });

  it("sees code after an apostrophe in JSX and a division", () => {
    const code = blanked("<Text>don't</Text>\nDate; x = a / b; Date // c\n");
    expect(code.match(/Date/g)?.length).toBe(2);
  });

  it("finds imports of every form", () => {
    const found = importsOf(
      'import { a } from "./a.ts";\nimport type { B } from "./b.ts";\nimport "./c.ts";\nexport {\n  d,\n} from "./d.ts";\n' +
        'const e = await import("./e.ts"); // from "./no.ts"\nconst f = \'import g from "./no.ts"\';',
    );
    expect(found.map(({ specifier, isTypeOnly }) => [specifier, isTypeOnly])).toEqual([
      ["./a.ts", false],
      ["./b.ts", true],
      ["./c.ts", false],
      ["./d.ts", false],
      ["./e.ts", false],
    ]);
  });

  it("measures functions, methods and arrows, not classes and objects", () => {
    const body = "\n  a();".repeat(5);
    const lengths = (text: string) => functionsOf(text).map(({ lineCount }) => lineCount);
    expect(lengths(`function f(a: B): { c: D } {${body}\n}`)).toEqual([7]);
    expect(lengths(`class A extends B<C> {\n  async m(x: number): Promise<void> {${body}\n}\n}`)).toEqual([7]);
    expect(lengths(`const f = (a: B) => {${body}\n};`)).toEqual([7]);
    expect(lengths(`const o = {${body}\n};`)).toEqual([]);
  });
});
