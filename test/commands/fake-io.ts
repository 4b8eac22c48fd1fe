/** A command's world whose words are kept and whose signals come when a test says so. */
import type { CommandIo, StopSignal } from "../../source/commands/command.ts";

export class FakeIo implements CommandIo {
  outText = "";
  errText = "";
  readonly environment: {
    HOME: string;
    XDG_CONFIG_HOME?: string;
    XDG_STATE_HOME?: string;
    P2P_TUI_DHT?: string;
    P2P_TUI_LSD?: string;
  };
  readonly workingDirectory: string;
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  readonly #listeners = new Set<(signal: StopSignal) => void>();

  constructor(
    options: { readonly workingDirectory?: string; readonly isTerminal?: boolean; readonly home?: string } = {},
  ) {
    this.workingDirectory = options.workingDirectory ?? "/";
    this.isOutTerminal = options.isTerminal ?? false;
    this.isErrTerminal = options.isTerminal ?? false;
    this.environment = { HOME: options.home ?? "/home/somebody" };
  }

  readonly out = (text: string): void => {
    this.outText += text;
  };

  readonly err = (text: string): void => {
    this.errText += text;
  };

  readonly errColumns = (): number => 80;
  readonly outColumns = (): number => 80;

  /** What comes on standard input. */
  input = "";

  readonly readInput = async (): Promise<Uint8Array> => Buffer.from(this.input, "latin1");

  readonly readLine = async (): Promise<string> => this.input.split("\n")[0] ?? "";

  readonly onStopSignal = (listener: (signal: StopSignal) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Commands that wait for a signal. */
  get waiting(): number {
    return this.#listeners.size;
  }

  signal(signal: StopSignal): void {
    for (const listener of [...this.#listeners]) listener(signal);
  }

  get events(): readonly Record<string, unknown>[] {
    return this.outText
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
