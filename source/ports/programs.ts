/** Other programs, run without a shell. */
export interface ProgramCall {
  /** The program, looked for in PATH where it is no path, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Absolute. */
  readonly directory: string;
  /** Besides our own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Then it is asked to end, with all that it has started, and made to a little later. */
  readonly timeoutMs: number;
  /** Of what it writes so many bytes are kept, the first. */
  readonly outputLengthMax: number;
}

export interface ProgramEnd {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly isTimedOut: boolean;
  /** What it wrote to either output, as it is: not sanitised. */
  readonly output: string;
}

export interface Programs {
  /** Its input is empty. It goes on when we end. @throws OperationalError `no-program` where it cannot be started. */
  run(call: ProgramCall): Promise<ProgramEnd>;
}
