/**
 * `node source/build.ts`: makes dist/, all that the program needs at run time. Code is split where commands import it
 * lazily, so that `get` never reads React and the engine never reads ink; what they share lies in layers (build-layers.ts). The bin is a file of its own in the oldest
 * syntax, which can say on any Node that this Node is too old.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { inLayers } from "./build-layers.ts";
import { asScript, scriptDefine } from "./build-scripts.ts";

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
} satisfies BuildOptions;
/** What is first, and what is in a thread of its own: nothing is common to them and the program. */
const apart = { start: "source/start.ts", "hashing-worker": "source/platform/hashing-worker.ts" };
await build({ ...options, entryPoints: apart });
const main = {
  ...options,
  entryPoints: { main: "source/cli.ts" },
  define: { ...options.define, ...scriptDefine },
  splitting: true,
  metafile: true,
  write: false,
} as const;
const { metafile: unlayered } = await build(main);
const { metafile, outputFiles } = await build({ ...main, plugins: [...main.plugins, inLayers(root, unlayered)] });
for (const file of outputFiles) {
  const output = metafile.outputs[relative(root, file.path)];
  if (output === undefined) throw new Error(`${file.path} is nobody's`);
  await writeFile(file.path, asScript(file, output));
}
await writeFile(join(making, "p2p-tui.js"), bin);
await chmod(join(making, "p2p-tui.js"), 0o755);
await writeFile(join(making, "LICENSES.txt"), await licencesOf(metafile));
// What is compiled of files that have not changed still holds; start.ts sees which.
await rename(join(dist, ".compile-cache"), join(making, ".compile-cache")).catch(() => undefined);
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
