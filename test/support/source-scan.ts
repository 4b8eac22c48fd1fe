/**
 * Reads TypeScript just well enough to see what a file imports, which words its code uses and how long its functions
 * are, without a compiler. Comments, texts and patterns are blanked, so that a word in them is no use of it.
 */
export interface ScannedImport {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  /** 1-based. */
  readonly line: number;
}

export interface ScannedFunction {
  /** 1-based, of the line with the opening brace. */
  readonly line: number;
  readonly lineCount: number;
}

/** The same length and lines; what is in comments, strings, templates and patterns is blank, their delimiters are not. */
export function blanked(source: string): string {
  const out = [...source.split("")];
  const blank = (begin: number, end: number) => {
    for (let i = begin; i < end; i++) if (out[i] !== "\n") out[i] = " ";
  };
  let at = 0;
  // Braces open inside `${…}` of each template that we are in.
  const templates: number[] = [];
  const inTemplate = (begin: number): number => {
    for (let i = begin; i < source.length; i++) {
      if (source[i] === "\\") i++;
      else if (source[i] === "`") return finish(begin, i);
      else if (source[i] === "$" && source[i + 1] === "{") {
        templates.push(0);
        return finish(begin, i + 1);
      }
    }
    return finish(begin, source.length - 1);
  };
  const finish = (begin: number, last: number): number => {
    blank(begin, last);
    return last + 1;
  };
  while (at < source.length) {
    const char = source[at] ?? "";
    const two = source.slice(at, at + 2);
    const depth = templates.at(-1);
    if (two === "//" || two === "/*") {
      const closing = two === "//" ? source.indexOf("\n", at) : source.indexOf("*/", at + 2) + 2;
      const end = closing < 2 ? source.length : closing;
      blank(at, end);
      at = end;
    } else if (char === '"' || char === "'") {
      at = afterQuoted(source, at, blank);
    } else if (char === "`") {
      at = inTemplate(at + 1);
    } else if (char === "}" && depth === 0) {
      templates.pop();
      at = inTemplate(at + 1);
    } else if (char === "/" && beginsPattern(out, at)) {
      at = afterPattern(source, at, blank);
    } else {
      if (depth !== undefined && (char === "{" || char === "}"))
        templates.push((templates.pop() ?? 0) + (char === "{" ? 1 : -1));
      at++;
    }
  }
  return out.join("");
}

type Blank = (begin: number, end: number) => void;

/** A quote without its partner on the same line is an apostrophe in JSX. */
function afterQuoted(source: string, at: number, blank: Blank): number {
  const quote = source[at];
  for (let i = at + 1; i < source.length && source[i] !== "\n"; i++) {
    if (source[i] === "\\") i++;
    else if (source[i] === quote) {
      blank(at + 1, i);
      return i + 1;
    }
  }
  return at + 1;
}

function beginsPattern(out: readonly string[], at: number): boolean {
  let i = at - 1;
  while (i >= 0 && /\s/.test(out[i] ?? "")) i--;
  const before = out.slice(Math.max(0, i - 9), i + 1).join("");
  return before === "" || /[(,=:[!&|?{;+*%~^]$|=>$|\b(?:return|typeof|case|of|in)$/.test(before);
}

function afterPattern(source: string, at: number, blank: Blank): number {
  let isInClass = false;
  for (let i = at + 1; i < source.length && source[i] !== "\n"; i++) {
    if (source[i] === "\\") i++;
    else if (source[i] === "[") isInClass = true;
    else if (source[i] === "]") isInClass = false;
    else if (source[i] === "/" && !isInClass) {
      blank(at + 1, i);
      return i + 1;
    }
  }
  return at + 1;
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Static and dynamic imports, and `export … from`. */
export function importsOf(source: string, code = blanked(source)): ScannedImport[] {
  const found: ScannedImport[] = [];
  const pattern = /(?:\b(import|export)\b(\s+type\b)?(?:[^;"'`()]*?)\bfrom\s*|\bimport\s*\(?\s*)(["'])/g;
  for (const match of code.matchAll(pattern)) {
    const begin = match.index + match[0].length;
    const end = code.indexOf(match[3] ?? '"', begin);
    found.push({
      specifier: source.slice(begin, end),
      isTypeOnly: match[2] !== undefined,
      line: lineOf(code, match.index),
    });
  }
  return found;
}

/** Every braced function body, nested ones too. */
export function functionsOf(code: string): ScannedFunction[] {
  const found: ScannedFunction[] = [];
  const open: { readonly at: number; readonly isFunction: boolean }[] = [];
  let line = 1;
  const lines: number[] = [];
  let boundary = 0;
  for (let at = 0; at < code.length; at++) {
    const char = code[at];
    if (char === "\n") line++;
    else if (char === "{") {
      open.push({ at, isFunction: isFunctionHead(code.slice(boundary, at), code[boundary - 1]) });
      lines.push(line);
      boundary = at + 1;
    } else if (char === "}") {
      const opened = open.pop();
      const begin = lines.pop() ?? line;
      if (opened?.isFunction === true) found.push({ line: begin, lineCount: line - begin + 1 });
      boundary = at + 1;
    } else if (char === ";") boundary = at + 1;
  }
  return found;
}

function isFunctionHead(text: string, before: string | undefined): boolean {
  const head = text.trim();
  // `f(): { … } {`: the return type's brace stands directly before the body's.
  if (head === "") return before === "}";
  if (/\b(?:class|interface|enum|namespace)\s+\w+[^()]*$/.test(head)) return false;
  if (/\b(?:if|for|while|switch|catch|with)\s*\([\s\S]*\)$/.test(head) && !/=>$/.test(head)) return false;
  return /=>$/.test(head) || /\)\s*(?::[^=]*[^=:\s])?$/.test(head);
}
