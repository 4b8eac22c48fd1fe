/** Checks of what is said of removals, both ways. See `validate.ts`. */
import { amount, arrayOf, type Check, finite, literal, object, oneOf, text } from "./check.ts";
import { pathLengthMax, textLengthMax, torrentsMax } from "./limits.ts";
import type { RemovalCommand, RemovedReport, RemovedRow } from "./removal-protocol.ts";
import { infoHash } from "./validate-ids.ts";

type RemovalCommandOf<Name extends RemovalCommand["name"]> = Extract<RemovalCommand, { readonly name: Name }>;

export const removalCommands: { readonly [Name in RemovalCommand["name"]]: Check<RemovalCommandOf<Name>> } = {
  remove: object<RemovalCommandOf<"remove">>({
    name: literal("remove"),
    infoHash,
    data: oneOf("keep", "delete", "trash"),
  }),
  restore: object<RemovalCommandOf<"restore">>({
    name: literal("restore"),
    infoHashes: arrayOf(infoHash, torrentsMax),
  }),
  removed: object<RemovalCommandOf<"removed">>({ name: literal("removed") }),
};

export const removedReport: Check<RemovedReport> = object<RemovedReport>({
  removed: arrayOf(
    object<RemovedRow>({
      infoHash,
      name: text(textLengthMax),
      savePath: text(pathLengthMax),
      totalLength: amount,
      removedWallMs: finite,
    }),
    torrentsMax,
  ),
});
