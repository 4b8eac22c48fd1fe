/**
 * Where things are in a TOML document: the lines of its tables, and the place of each value in the text. It reads only
 * documents that the TOML parser has found right, so it need not check anything, and never fails.
 */
export interface TomlTable {
  readonly path: readonly string[];
  /** Counts from 1. */
  readonly line: number;
  /** Offset of its header. */
  readonly headerStart: number;
  /** Offset of the line after its header. */
  readonly bodyStart: number;
}

export interface TomlAssignment {
  /** With that of its table; no more than eight names. */
  readonly path: readonly string[];
  /** The table it is in; `undefined` before the first one. */
  readonly table: TomlTable | undefined;
  /** Counts from 1. */
  readonly line: number;
  /** Offsets in the text. Spaces and comments around are not part of either. */
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface TomlOutline {
  readonly tables: readonly TomlTable[];
  /** In order. What is inside an inline table is part of its value. */
  readonly assignments: readonly TomlAssignment[];
}

/** What is longer is cut: it is none of ours, and many may begin with it. */
const pathLengthMax = 8;

export function outlineToml(text: string): TomlOutline {
  return new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  readonly #tables: TomlTable[] = [];
  readonly #assignments: TomlAssignment[] = [];
  #at = 0;
  /** Of `#lineAt`. */
  #line = 1;
  #lineAt = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): TomlOutline {
    for (;;) {
      this.#skip(/[\s\ufeff]*/y);
      if (this.#at >= this.#text.length) return { tables: this.#tables, assignments: this.#assignments };
      const before = this.#at;
      if (this.#text[this.#at] === "#") this.#skip(/.*/y);
      else if (this.#text[this.#at] === "[") this.#header();
      else this.#assignment();
      // A document that is not right after all must not hold us for ever.
      if (this.#at === before) this.#at++;
    }
  }

  #header(): void {
    const line = this.#lineNow();
    const headerStart = this.#at;
    this.#skip(/\[+[ \t]*/y);
    const path = this.#keyPath();
    this.#skip(/[^\n]*\n?/y);
    this.#tables.push({ path, line, headerStart, bodyStart: this.#at });
  }

  #assignment(): void {
    const line = this.#lineNow();
    const keyStart = this.#at;
    const table = this.#tables.at(-1);
    const path = [...(table?.path ?? []), ...this.#keyPath()].slice(0, pathLengthMax);
    const keyEnd = keyStart + this.#text.slice(keyStart, this.#at).trimEnd().length;
    this.#skip(/=[ \t]*/y);
    const valueStart = this.#at;
    this.#skipValue();
    this.#assignments.push({ path, table, line, keyStart, keyEnd, valueStart, valueEnd: this.#at });
  }

  /** Its first parts. Goes up to what comes after the key and its spaces. */
  #keyPath(): string[] {
    const path: string[] = [];
    for (;;) {
      const part = this.#keyPart();
      if (path.length < pathLengthMax) path.push(part);
      this.#skip(/[ \t]*/y);
      if (this.#text[this.#at] !== ".") return path;
      this.#skip(/\.[ \t]*/y);
    }
  }

  #keyPart(): string {
    const start = this.#at;
    const quote = this.#text[start];
    if (quote !== '"' && quote !== "'") {
      this.#skip(/[^\s.=\]]*/y);
      return this.#text.slice(start, this.#at);
    }
    this.#skipString();
    const quoted = this.#text.slice(start, this.#at);
    return quote === "'" ? quoted.slice(1, -1) : unescaped(quoted);
  }

  #skipValue(): void {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") {
      this.#skipString();
    } else if (first === "[" || first === "{") {
      this.#skipBrackets();
    } else {
      const start = this.#at;
      this.#skip(/[^#\r\n]*/y);
      this.#at = start + this.#text.slice(start, this.#at).trimEnd().length;
    }
  }

  #skipBrackets(): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      this.#skip(/[^[\]{}"'#]*/y);
      const character = this.#text[this.#at];
      if (character === '"' || character === "'") {
        this.#skipString();
        continue;
      }
      if (character === "#") {
        this.#skip(/.*/y);
        continue;
      }
      this.#at++;
      depth += character === "[" || character === "{" ? 1 : -1;
      if (depth <= 0) return;
    }
  }

  #skipString(): void {
    const quote = this.#text[this.#at] ?? "";
    const isLong = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = quote.repeat(isLong ? 3 : 1);
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      this.#at += quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at += end.length;
    // A long text may end with one or two quotes of its own.
    for (let more = 0; isLong && more < 2 && this.#text[this.#at] === quote; more++) this.#at++;
    this.#at = Math.min(this.#at, this.#text.length);
  }

  #skip(sticky: RegExp): void {
    sticky.lastIndex = this.#at;
    this.#at += sticky.exec(this.#text)?.[0].length ?? 0;
  }

  #lineNow(): number {
    for (; this.#lineAt < this.#at; this.#lineAt++) if (this.#text[this.#lineAt] === "\n") this.#line++;
    return this.#line;
  }
}

/** JSON's escapes are TOML's, but for a few that no key of ours needs. */
function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
