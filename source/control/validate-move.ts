/** Checks of what is said of moves, both ways. See `validate.ts`. */
import { amount, arrayOf, boolean, type Check, literal, object, refuse, text } from "./check.ts";
import { moveReasonsMax, pathLengthMax, textLengthMax } from "./limits.ts";
import type { MoveCommand, MoveReport } from "./move-protocol.ts";
import { infoHash } from "./validate-ids.ts";

type MoveCommandOf<Name extends MoveCommand["name"]> = Extract<MoveCommand, { readonly name: Name }>;

export const absolutePath: Check<string> = (value, path) => {
  const checked = text(pathLengthMax)(value, path);
  return checked.startsWith("/") && !checked.includes("\0") ? checked : refuse(path, "an absolute path");
};

export const moveCommands: { readonly [Name in MoveCommand["name"]]: Check<MoveCommandOf<Name>> } = {
  move: object<MoveCommandOf<"move">>({
    name: literal("move"),
    infoHash,
    savePath: absolutePath,
    isDryRun: boolean,
  }),
  rename: object<MoveCommandOf<"rename">>({
    name: literal("rename"),
    infoHash,
    path: text(pathLengthMax),
    to: text(pathLengthMax),
  }),
};

export const moveReport: Check<MoveReport> = object<MoveReport>({
  renamed: amount,
  copied: amount,
  absent: amount,
  copyBytes: amount,
  freeBytes: amount,
  fits: boolean,
  conflicts: amount,
  reasons: arrayOf(text(textLengthMax), moveReasonsMax),
});
