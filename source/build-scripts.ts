/**
 * ES modules as the bundler makes them, turned into scripts: each a function that is given how to load others, and returns what it
 * exports. Of a script V8 can keep what is compiled after it has run (start.ts), with all functions that were needed; of a module
 * it keeps what is compiled before, when most functions are not, and each start would compile a thousand of them anew.
 */
import { isBuiltin } from "node:module";
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

type Pair = readonly [exported: string, own: string];

/** For the bundler: where a module is, which scripts are given. It knows what is only text, as a replacement here would not. */
export const scriptDefine = { "import.meta": "__meta" };

/**
 * The file as a script. Its value is `(load, loadLater, require, meta) => exports`, or the promise of them where it awaits
 * something. @param output what the bundler says of it. @throws Error where the text is not what this reads.
 */
export function asScript(file: OutputFile, { imports, entryPoint }: Metafile["outputs"][string]): string {
  const loads: string[] = [];
  let calls = 0;
  let exported = "";
  const text = file.text
    .replace(importStatement, (_, alone?: string, all?: string, some?: string, from = "") => {
      loads.push(loadOf(from, alone, all, some));
      return "";
    })
    .replace(importCall, () => {
      calls++;
      return "__loadLater(";
    })
    .replace(exportStatement, (_, list: string) => {
      exported = list;
      return "";
    });
  const counted = (kind: string): number => imports.filter((each) => each.kind === kind).length;
  // Without `node:` it would be looked for beside the program.
  const isAmbiguous = imports.some(
    ({ kind, path }) => kind !== "require-call" && isBuiltin(path) && !path.startsWith("node:"),
  );
  if (loads.length !== counted("import-statement") || calls !== counted("dynamic-import") || isAmbiguous) {
    throw new Error(`${file.path}: its imports are not all understood`);
  }
  const pairs = pairsOf(exported, "export");
  const changed = pairs.find(([, own]) => isChanged(text, own));
  if (changed !== undefined) throw new Error(`${file.path}: what it exports as ${changed[0]} changes`);
  const body = `"use strict";${loads.join("")}${text}`;
  // Where `await` is no name, as in modules: in a function that is not async `await[a]` would be the element of an array.
  const isWaiting = !isScript(`class A{static{${body}\n}}`);
  // Nobody who imports a file in a statement waits for it.
  const start = isWaiting && entryPoint !== undefined ? "async function" : "function";
  const script = `(${start}(__load,__loadLater,require,__meta){${body}return{${asObject(pairs)}};\n})`;
  if (!isScript(script) || (isWaiting && entryPoint === undefined)) {
    throw new Error(`${file.path}: something of a module is left`);
  }
  return script;
}

/**
 * Assigned anywhere but where it is declared: who imports it from a script has what it was when that had run. Goes by the text,
 * where names at the top of a file are nobody else's; functions and classes are taken to stay what they are.
 */
function isChanged(text: string, own: string): boolean {
  const it = own.replaceAll("$", "\\$");
  if (new RegExp(String.raw`(?:function |function\*|class )${it}(?![\w$])`).test(text)) return false;
  // What follows a quotation mark at once is text.
  const assigned = String.raw`(?<![\w$.'"\x60])${it}(?:(?:[-+*/%&|^]|\*\*|&&|\|\||\?\?|<<|>>>?)?=(?![=>])|\+\+|--)|(?:\+\+|--)${it}(?![\w$])`;
  return [...text.matchAll(new RegExp(assigned, "g"))].some(
    ({ index }, i) => i > 0 || !/(?:var |let |const |,)$/.test(text.slice(0, index)),
  );
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
  const whole = from.startsWith("node:") ? loaded : `${loaded}.default`;
  const pairs = pairsOf(some ?? "", "import");
  const named = pairs.filter(([name]) => name !== "default");
  const ones = [
    ...(alone === undefined ? [] : [alone]),
    ...pairs.filter(([name]) => name === "default").map(([, own]) => own),
  ];
  const one = ones.map((own) => `const ${own}=${whole};`).join("");
  const every = all === undefined ? "" : `const ${all}=${loaded};`;
  const several = named.length === 0 ? "" : `const{${asObject(named)}}=${loaded};`;
  return one + every + several || `${loaded};`;
}

/** `a as b,c`, as it is imported or exported. */
function pairsOf(list: string, way: "import" | "export"): readonly Pair[] {
  const names = list.split(",").filter((each) => each !== "");
  return names.map((each) => {
    const [first = "", second = first] = each.trim().split(" as ");
    return way === "import" ? [first, second] : [second, first];
  });
}

function asObject(pairs: readonly Pair[]): string {
  return pairs.map((pair) => pair.join(":")).join(",");
}
