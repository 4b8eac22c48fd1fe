/**
 * The kinds of error. `ProtocolError`: the other side broke a protocol, drop it. `OperationalError`: the world did not
 * do what was asked (disk, network, a bad file): retry or tell the user. Anything else is a bug of ours (see `assert`).
 * Decide on `code`, never on the message.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class OperationalError extends Error {
  override readonly name: string = "OperationalError";
  readonly code: string;
  /** @param message one sentence for the user. @param options.cause what lies beneath, kept for the log. */
  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** The message of anything that was thrown, as one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of one of our errors or of a system error (`ENOENT`, `ECONNREFUSED`…), "" where there is none. */
export function codeOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "string")
    return error.code;
  return "";
}
