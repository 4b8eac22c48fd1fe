/**
 * `node source/build.ts`: makes dist/, all that the program needs at run time. Code is split where commands import it
 * lazily, so that `get` never reads React and the engine never reads ink; what they share lies in layers (build-layers.ts). The bin is a file of its own in the oldest
 * syntax, which can say on any Node that this Node is too old.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { inLayers } from "./build-layers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
/** Made aside and put in place whole: a program that runs while it is built finds the old parts or the new. */
const making = join(root, "node_modules/.cache", `p2p-tui-${process.pid}`);

/** No `let`, no arrow, no static import: it must parse where nothing else of us does. */
const bin = `#!/usr/bin/env node
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 12)) {
  process.stderr.write("p2p-tui needs Node 22.12 or newer, this is v" + process.versions.node + "\\n");
  process.exit(1);
}
import("./start.js");
`;

/**
 * Compiled code is kept beside the program where we may write there, else in the user's cache: never in a shared
 * temporary directory, where others could put code for us to run.
 */
const start = `import { accessSync, constants } from "node:fs";
import { enableCompileCache } from "node:module";
import { isAbsolute, join } from "node:path";
const { XDG_CACHE_HOME: cache, HOME: home } = process.env;
const user = cache && isAbsolute(cache) ? cache : home && isAbsolute(home) ? join(home, ".cache") : undefined;
let directory = user && join(user, "p2p-tui");
try {
  accessSync(import.meta.dirname, constants.W_OK);
  directory = join(import.meta.dirname, ".compile-cache");
} catch {}
if (directory) enableCompileCache(directory);
await import("./main.js");
`;

await mkdir(making, { recursive: true });
const options = {
  absWorkingDir: root,
  outdir: making,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22.12",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  chunkNames: "[name]-[hash]",
  // Ink's development tools are not for users; its stub has what ink imports.
  plugins: [
    {
      name: "no-devtools",
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: "react-devtools-core", namespace: "stub" }));
        onLoad({ filter: /.*/, namespace: "stub" }, () => ({
          contents: "export const initialize = () => {}; export const connectToDevTools = () => {}; export default {};",
        }));
      },
    },
  ],
  define: {
    "process.env.NODE_ENV": '"production"',
    // Nothing of ours uses it. Yoga would take its WebAssembly through it, from text that it has: loading Node's takes 25 ms.
    fetch: "undefined",
    // ws without its optional native parts.
    "process.env.WS_NO_BUFFER_UTIL": '"1"',
    "process.env.WS_NO_UTF_8_VALIDATE": '"1"',
  },
  banner: {
    // For the CommonJS packages among those we bundle.
    js: 'import{createRequire as __makeRequire}from"node:module";const require=__makeRequire(import.meta.url);',
  },
} satisfies BuildOptions;
/** In a thread of its own, to which nothing is common. */
await build({ ...options, entryPoints: { "hashing-worker": "source/platform/hashing-worker.ts" } });
const main = { ...options, entryPoints: { main: "source/cli.ts" }, splitting: true, metafile: true } as const;
const { metafile: unlayered } = await build({ ...main, write: false });
const { metafile } = await build({ ...main, plugins: [...main.plugins, inLayers(root, unlayered)] });
await writeFile(join(making, "start.js"), start);
await writeFile(join(making, "p2p-tui.js"), bin);
await chmod(join(making, "p2p-tui.js"), 0o755);
await writeFile(join(making, "LICENSES.txt"), await licencesOf(metafile));
await rm(dist, { recursive: true, force: true });
await rename(making, dist);

/** The licences of everything that was bundled, as they ask for. */
async function licencesOf(bundle: Metafile): Promise<string> {
  const folders = new Set<string>();
  for (const input of Object.keys(bundle.inputs)) {
    const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (match !== null) folders.add(match[0]);
  }
  const parts = await Promise.all([...folders].sort().map((folder) => licenceOf(join(root, folder))));
  return `p2p-tui contains the following packages.\n\n${parts.join("\n")}`;
}

async function licenceOf(folder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { name: packageName, version, license } = manifest as Readonly<Record<string, unknown>>;
  const title = `${String(packageName)} ${String(version)} (${String(license)})`;
  for (const name of ["LICENSE", "license", "LICENSE.md", "license.md", "LICENSE.txt", "LICENCE"]) {
    const text = await readFile(join(folder, name), "utf8").catch(() => undefined);
    if (text !== undefined) return `── ${title}\n\n${text.trim()}\n`;
  }
  return `── ${title}\n`;
}
