/** A terminal for tests: what is written is interpreted by xterm's own parser and can be read back cell by cell. */
import { PassThrough } from "node:stream";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import xterm from "@xterm/headless";
import { gridToSvg, type PictureCell, type PictureOptions, paletteColour, svgToPng } from "./grid-picture.ts";

export class Screen {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Everything that was written. */
  readonly written: string[] = [];
  readonly #terminal: xterm.Terminal;
  readonly #input: PassThrough;
  isRaw = false;

  /** @param options.isBlind keeps what is written and shows nothing: for measuring. */
  constructor(columns: number, rows: number, options: { readonly isBlind?: boolean } = {}) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 50 });
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#terminal.unicode.activeVersion = "15-graphemes";
    this.#input = new PassThrough();
    const setRawMode = (isRaw: boolean): void => {
      this.isRaw = isRaw;
    };
    this.stdin = Object.assign(this.#input, {
      isTTY: true,
      setRawMode,
      ref: () => this.#input,
      unref: () => this.#input,
    }) as unknown as NodeJS.ReadStream;
    const output = new PassThrough();
    output.on("data", (chunk: Buffer) => {
      const text = chunk.toString("utf8");
      this.written.push(text);
      if (options.isBlind !== true) this.#terminal.write(text);
    });
    this.stdout = Object.assign(output, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream;
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  /** As keys or pasted bytes from the user. */
  type(text: string): void {
    this.#input.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    Object.assign(this.stdout, { columns, rows });
    this.stdout.emit("resize");
  }

  /** Resolves when everything written so far is on the screen. */
  async settled(): Promise<void> {
    // Input streams, Ink's throttles and xterm's parser each take a turn of the loop or two.
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
  }

  /** Waits for the screen to show what `isThere` looks for; gives up when that is plainly not coming. */
  async until(isThere: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    for (let round = 0; round < 2_000; round++) {
      await this.settled();
      const lines = this.lines();
      if (isThere(lines)) return lines;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`the screen never came to that; it shows\n${this.lines().join("\n")}`);
  }

  async untilText(text: string): Promise<readonly string[]> {
    return this.until((lines) => lines.some((line) => line.includes(text)));
  }

  lines(): readonly string[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from(
      { length: this.rows },
      (_, y) => buffer.getLine(buffer.baseY + y)?.translateToString(false) ?? "",
    );
  }

  cell(x: number, y: number): PictureCell {
    const buffer = this.#terminal.buffer.active;
    const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
    if (cell === undefined) throw new RangeError(`no cell ${x},${y}`);
    const fg = cell.getFgColor();
    const bg = cell.getBgColor();
    const hex = (rgb: number): string => `#${rgb.toString(16).padStart(6, "0")}`;
    return {
      text: cell.getWidth() === 0 ? "" : cell.getChars() === "" ? " " : cell.getChars(),
      width: cell.getWidth(),
      fg: cell.isFgRGB() ? hex(fg) : cell.isFgPalette() ? paletteColour(fg) : undefined,
      bg: cell.isBgRGB() ? hex(bg) : cell.isBgPalette() ? paletteColour(bg) : undefined,
      isBold: cell.isBold() !== 0,
      isDim: cell.isDim() !== 0,
      isInverse: cell.isInverse() !== 0,
      isUnderlined: cell.isUnderline() !== 0,
    };
  }

  grid(): readonly (readonly PictureCell[])[] {
    return Array.from({ length: this.rows }, (_, y) => Array.from({ length: this.columns }, (_, x) => this.cell(x, y)));
  }

  /** @param options the terminal's own colours. Default: dark. */
  png(options?: PictureOptions): Uint8Array {
    return svgToPng(gridToSvg(this.grid(), options));
  }

  close(): void {
    this.#terminal.dispose();
  }
}
