/** Checks of what is said of bans, both ways. See `validate.ts`. */
import type { BanCommand, BansReport } from "./bans-protocol.ts";
import { amount, arrayOf, type Check, literal, object, text } from "./check.ts";
import { addressLengthMax, bansMax } from "./limits.ts";

type BanCommandOf<Name extends BanCommand["name"]> = Extract<BanCommand, { readonly name: Name }>;

const addresses = arrayOf(text(addressLengthMax), bansMax);

export const banCommands: { readonly [Name in BanCommand["name"]]: Check<BanCommandOf<Name>> } = {
  ban: object<BanCommandOf<"ban">>({ name: literal("ban"), addresses }),
  unban: object<BanCommandOf<"unban">>({ name: literal("unban"), addresses }),
  bans: object<BanCommandOf<"bans">>({ name: literal("bans") }),
};

export const bansReport: Check<BansReport> = object<BansReport>({
  bans: addresses,
  filterRanges: amount,
  refused: amount,
});
