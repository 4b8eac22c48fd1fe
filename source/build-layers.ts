/**
 * Few files for a start to read. Where code is split by which commands share it, `get` reads sixty small files, and finding,
 * reading and linking each takes longer than what is in it. So what is shared lies in three layers, a file each:
 *
 *   start    what every command needs before it is known which it is
 *   client   what the engine and its clients share
 *   engine   what else the engine needs
 *
 * Whoever needs something of a layer loads it whole; then the bundler finds that all of it is needed by the same and keeps it
 * together. What is compiled is kept and functions that are not called cost nothing, so a whole layer is cheap.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile, Plugin } from "esbuild";

/** Paths from the project's folder, of modules as the bundler found them. */
type Modules = ReadonlySet<string>;

const starting = "source/cli.ts";
const clientCommand = "source/commands/open.ts";
const engineCommand = "source/commands/get.ts";
const scheme = "layer:";

/** @param root the project's folder. @param bundle of a build without layers, split by what is imported lazily. */
export function inLayers(root: string, bundle: Metafile): Plugin {
  const entries = entriesOf(bundle);
  const layers = layersOf(entries);
  return {
    name: "layers",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: new RegExp(`^${scheme}`) }, ({ path }) => ({ path, namespace: "layer" }));
      onLoad({ filter: /./, namespace: "layer" }, ({ path }) => ({
        contents: importsOf([...(layers.get(path) ?? [])].map((module) => `./${module}`)),
        resolveDir: root,
      }));
      for (const [entry, needed] of entries) {
        onLoad({ filter: new RegExp(`/${entry.replaceAll(".", "\\.")}$`) }, async () => ({
          contents: importsOf(touched(layers, needed)) + (await readFile(join(root, entry), "utf8")),
          loader: entry.endsWith(".tsx") ? "tsx" : "ts",
        }));
      }
    },
  };
}

function importsOf(specifiers: readonly string[]): string {
  return specifiers.map((specifier) => `import "${specifier}";`).join("");
}

function touched(layers: ReadonlyMap<string, Modules>, needed: Modules): readonly string[] {
  return [...layers].filter(([, modules]) => [...modules].some((module) => needed.has(module))).map(([name]) => name);
}

/** What begins a file of its own, and all that it needs at once. */
function entriesOf(bundle: Metafile): ReadonlyMap<string, Modules> {
  const entries = Object.values(bundle.outputs).flatMap(({ entryPoint }) => entryPoint ?? []);
  return new Map(entries.filter(isOurs).map((entry) => [entry, neededBy(bundle, entry)]));
}

function neededBy({ inputs }: Metafile, entry: string): Modules {
  const needed = new Set([entry]);
  for (const module of needed) {
    for (const { path, kind } of inputs[module]?.imports ?? []) {
      if (kind !== "dynamic-import" && isOurs(path)) needed.add(path);
    }
  }
  return needed;
}

/** Packages go where who imports them is. */
function isOurs(path: string): boolean {
  return path.startsWith("source/");
}

function layersOf(entries: ReadonlyMap<string, Modules>): ReadonlyMap<string, Modules> {
  const [byAll, byClients, byEngine] = [starting, clientCommand, engineCommand].map((entry) => entries.get(entry));
  if (byAll === undefined || byClients === undefined || byEngine === undefined) throw new Error("a command is gone");
  const shared = [...byAll, ...byEngine].filter((module) => !entries.has(module));
  const isLater = (module: string): boolean => !byAll.has(module);
  return new Map([
    [`${scheme}start`, new Set(shared.filter((module) => !isLater(module)))],
    [`${scheme}client`, new Set(shared.filter((module) => isLater(module) && byClients.has(module)))],
    [`${scheme}engine`, new Set(shared.filter((module) => isLater(module) && !byClients.has(module)))],
  ]);
}
