/**
 * ES modules as the bundler makes them, turned into scripts: each a function that is given how to load others, and returns what it
 * exports. Of a script V8 can keep what is compiled after it has run (start.ts), with all functions that were needed; of a module
 * it keeps what is compiled before, when most functions are not, and each start would compile a thousand of them anew.
 */
import { Script } from "node:vm";
import type { Metafile, OutputFile } from "esbuild";

const name = String.raw`[\w$]+`;
/** `import a,*as b,{c as d}from"x";`, any part of it. */
const importStatement = new RegExp(
  String.raw`(?<![\w$.])import(?: (${name}),?)?(?:\*as (${name}) ?)?(?:\{([^{}]*)\})?(?: ?from)?"([^"]+)";`,
  "g",
);
const importCall = /(?<![\w$.])import\(/g;
const exportStatement = /export\{([^{}]*)\};\s*$/;

/**
 * The file as a script. Its value is `(load, loadLater, require, meta) => exports`, or the promise of them where it awaits
 * something. @param output what the bundler says of it. @throws Error where the text is not what this reads.
 */
export function asScript(file: OutputFile, { imports, entryPoint }: Metafile["outputs"][string]): string {
  const loads: string[] = [];
  let calls = 0;
  const body = file.text
    .replace(importStatement, (_, alone?: string, all?: string, some?: string, from = "") => {
      loads.push(loadOf(from, alone, all, some));
      return "";
    })
    .replace(importCall, () => {
      calls++;
      return "__loadLater(";
    })
    .replaceAll("import.meta.", "__meta.")
    .replace(exportStatement, (_, exported: string) => `return{${pairsOf(exported, "export")}};`);
  const counted = (kind: string): number => imports.filter((each) => each.kind === kind).length;
  if (loads.length !== counted("import-statement") || calls !== counted("dynamic-import")) {
    throw new Error(`${file.path}: its imports are not all understood`);
  }
  const code = `function(__load,__loadLater,require,__meta){"use strict";${loads.join("")}${body}\n}`;
  // Nobody who imports a file in a statement waits for it.
  const script = isScript(`(${code})`) || entryPoint === undefined ? `(${code})` : `(async ${code})`;
  if (!isScript(script)) throw new Error(`${file.path}: something of a module is left`);
  return script;
}

function isScript(text: string): boolean {
  try {
    new Script(text);
    return true;
  } catch {
    return false;
  }
}

function loadOf(from: string, alone: string | undefined, all: string | undefined, some: string | undefined): string {
  const loaded = `__load(${JSON.stringify(from)})`;
  // A module of Node is its own default export.
  const one = alone === undefined ? "" : `const ${alone}=${loaded}${from.startsWith("node:") ? "" : ".default"};`;
  const every = all === undefined ? "" : `const ${all}=${loaded};`;
  const named = some === undefined ? "" : `const{${pairsOf(some, "import")}}=${loaded};`;
  return one + every + named || `${loaded};`;
}

/** `a as b,c` as the pairs of an object: exported name, own name. */
function pairsOf(list: string, way: "import" | "export"): string {
  const names = list.split(",").filter((each) => each !== "");
  return names
    .map((each) => {
      const [first = "", second = first] = each.trim().split(" as ");
      return way === "import" ? `${first}:${second}` : `${second}:${first}`;
    })
    .join(",");
}
