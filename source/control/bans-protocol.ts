/** Who is kept away, and how the user changes that. A part of the protocol. */

/** All or, with an error, none of the addresses, which may be networks in CIDR notation; in force at once, and kept. */
export type BanCommand =
  /** Errors: `bad-address`, `too-many-bans`. */
  | { readonly name: "ban"; readonly addresses: readonly string[] }
  /** Errors: `bad-address`, `not-banned`. */
  | { readonly name: "unban"; readonly addresses: readonly string[] }
  | { readonly name: "bans" };

export interface BansReport {
  /** Banned by hand: canonical, in the order that they were. */
  readonly bans: readonly string[];
  /** Ranges of addresses in the IP filters. */
  readonly filterRanges: number;
  /** Connections not answered and addresses not dialled since the engine started, for either reason. */
  readonly refused: number;
}

export function isBansReport(result: object | null): result is BansReport {
  return result !== null && "bans" in result;
}
