/** ES modules as the bundler writes them, as scripts: every way to import, what is exported, and what is refused. */
import { Script } from "node:vm";
import { type BuildResult, build } from "esbuild";
import { describe, expect, it } from "vitest";
import { asScript, scriptDefine } from "../source/build-scripts.ts";

type Factory = (
  load: (specifier: string) => unknown,
  loadLater: (specifier: string) => Promise<unknown>,
  require: (specifier: string) => unknown,
  meta: { readonly url: string },
) => Record<string, unknown> | Promise<Record<string, unknown>>;

/** Everything outside `entry` stays an import. */
async function bundled(contents: string): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    stdin: { contents, sourcefile: "entry.ts", resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    platform: "node",
    minify: true,
    external: ["./other.js", "node:*"],
    define: scriptDefine,
    write: false,
    metafile: true,
    outfile: "entry.js",
  });
}

async function scriptOf(contents: string): Promise<string> {
  const { outputFiles, metafile } = await bundled(contents);
  const [file] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  if (file === undefined || output === undefined) throw new Error("nothing was made");
  return asScript(file, output);
}

const other = { default: "by default", one: 1, two: 2 };

async function exportsOf(contents: string): Promise<Record<string, unknown>> {
  const factory = new Script(await scriptOf(contents)).runInThisContext() as Factory;
  const load = (specifier: string): unknown =>
    specifier === "./other.js" ? other : process.getBuiltinModule(specifier);
  return factory(load, async (specifier) => load(specifier), process.getBuiltinModule, {
    url: "file:///here/start.js",
  });
}

describe("a module as a script", () => {
  it("has all that it imports, whatever the way", async () => {
    const { all } = await exportsOf(`
      import alone from "./other.js";
      import { one, two as second } from "./other.js";
      import * as every from "./other.js";
      import path from "node:path";
      import { join } from "node:path";
      import * as paths from "node:path";
      import "./other.js";
      import { default as named } from "./other.js";
      import { default as system, sep } from "node:path";
      export const all = [alone, one, second, every.two, path.join("a", "b"), join("c", "d"), paths.join("e", "f")];
      all.push(named, system.join("g", "h"), sep);
    `);
    expect(all).toEqual(["by default", 1, 2, 2, "a/b", "c/d", "e/f", "by default", "g/h", "/"]);
  });

  it("exports what it exports, by its names", async () => {
    const exported = await exportsOf(`
      const first = 1; function second() { return 2; } class Third {}
      export { first as renamed, second, Third }; export default "the default";
    `);
    expect(exported).toMatchObject({ renamed: 1, default: "the default" });
    expect(exported["second"]).toBeTypeOf("function");
    expect(exported["Third"]).toBeTypeOf("function");
  });

  it("loads later what it imports later", async () => {
    const { later } = await exportsOf(`export const later = async () => (await import("./other.js")).one;`);
    expect(await (later as () => Promise<unknown>)()).toBe(1);
  });

  it("knows where it is, and may await at its top", async () => {
    const { here, waited } = await exportsOf(`
      export const here = new URL("./beside.js", import.meta.url).href;
      export const waited = await Promise.resolve("so long");
    `);
    expect({ here, waited }).toEqual({ here: "file:///here/beside.js", waited: "so long" });
  });

  it("waits for whatever follows `await`, also for what could follow the name of a function", async () => {
    for (const [awaited, value] of [
      ["(async () => 5)()", 5],
      ["[6]", [6]],
      ["`seven`", "seven"],
      ["+8", 8],
    ] as const) {
      expect(await exportsOf(`export const waited = await ${awaited};`)).toEqual({ waited: value });
    }
  });

  it("leaves alone what is only text", async () => {
    const { text } = await exportsOf("export const text = 'import.meta.url';");
    expect(text).toBe("import.meta.url");
  });

  it("is refused where what it exports changes later, which who imports it would not see", async () => {
    await expect(scriptOf("export let count = 0; export const more = () => { count++; };")).rejects.toThrow(/changes/);
    await expect(scriptOf("export let it; export const be = (x) => { it = x; };")).rejects.toThrow(/changes/);
    expect(await exportsOf("export let same = 1; export const is = (x) => x.same == same;")).toMatchObject({ same: 1 });
    const address = "export let ws = 1; export const of = (x) => `ws=1` + 'ws=' + x;";
    expect(await exportsOf(address)).toMatchObject({ ws: 1 });
  });

  it("is refused where a module of Node is not named as such", async () => {
    await expect(scriptOf('import { join } from "path"; export const it = join("a");')).rejects.toThrow(/understood/);
  });

  it("is strict, as modules are, and has no `this`", async () => {
    const { self } = await exportsOf("export const self = (function () { return this; })();");
    expect(self).toBe(undefined);
  });

  it("is refused where text only looks like an import, rather than changed in silence", async () => {
    await expect(scriptOf(`export const text = 'import{a as b}from"./other.js";';`)).rejects.toThrow(
      /not all understood/,
    );
    await expect(scriptOf(`export const text = "; import('./other.js')";`)).rejects.toThrow(/not all understood/);
  });
});
