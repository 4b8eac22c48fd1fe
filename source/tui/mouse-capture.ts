/** Has the terminal report the mouse, and listens beside Ink; `close` undoes both, and so does the end of the process. */
import { type MouseEvent, MouseReader } from "./mouse-input.ts";

/** Presses and the wheel, in the form without a limit on columns. */
const on = "\x1b[?1000h\x1b[?1006h";
const off = "\x1b[?1006l\x1b[?1000l";

export class MouseCapture {
  readonly #stdin: NodeJS.ReadStream;
  readonly #stdout: NodeJS.WriteStream;
  readonly #onEvent: (event: MouseEvent) => void;
  #isOn = false;
  #reader = new MouseReader();

  constructor(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, onEvent: (event: MouseEvent) => void) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#onEvent = onEvent;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Only while Ink reads the input: a listener alone would take it from Ink. */
  set(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    if (isOn) {
      this.#reader = new MouseReader();
      this.#stdin.on("data", this.#onData);
      process.on("exit", this.#undo);
      this.#stdout.write(on);
    } else {
      this.#stdin.off("data", this.#onData);
      process.off("exit", this.#undo);
      this.#undo();
    }
  }

  close(): void {
    this.set(false);
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    const text = typeof chunk === "string" ? chunk : new TextDecoder("latin1").decode(chunk);
    for (const event of this.#reader.read(text)) this.#onEvent(event);
  };

  readonly #undo = (): void => {
    this.#stdout.write(off);
  };
}
