/** Makes .torrent files with different programs, and reads just enough of one to compare checks with. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { libtorrentProgram, libtorrentPython } from "./clients/libtorrent.ts";
import { programArguments } from "./clients/program.ts";
import type { Payload } from "./payload.ts";

export type MakerName = "p2p-tui" | "libtorrent" | "mktorrent";

export interface TorrentPlan {
  readonly payload: Payload;
  readonly out: string;
  readonly pieceLength: number;
  readonly tracker: string;
  /** Not with `libtorrent`. */
  readonly isPrivate?: boolean;
}

/** Returns the info hash in hex, taken over the bytes as they are in the file. */
export function makeTorrent(maker: MakerName, plan: TorrentPlan): string {
  const content = join(plan.payload.parent, plan.payload.name);
  const pieceLength = String(plan.pieceLength);
  switch (maker) {
    case "p2p-tui": {
      const more = plan.isPrivate === true ? ["--private"] : [];
      const [command, ...args] = programArguments(["create", content, "-o", plan.out, "--tracker", plan.tracker]);
      run(command, [...args, "--piece-length", pieceLength, ...more]);
      break;
    }
    case "libtorrent":
      run(libtorrentPython, [libtorrentProgram, "create", content, plan.out, pieceLength, plan.tracker]);
      break;
    case "mktorrent": {
      const more = plan.isPrivate === true ? ["-p"] : [];
      run("mktorrent", [
        "-l",
        String(Math.log2(plan.pieceLength)),
        "-a",
        plan.tracker,
        "-o",
        plan.out,
        ...more,
        content,
      ]);
      break;
    }
  }
  return infoHashOf(plan.out);
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** A scan of its own, so that the check does not lean on what it checks. Trusts the file to be well-formed. */
export function infoHashOf(path: string): string {
  const bytes = readFileSync(path);
  let at = 1;
  while (bytes[at] !== letter("e")) {
    const keyEnd = endOf(bytes, at);
    const valueEnd = endOf(bytes, keyEnd);
    if (bytes.toString("latin1", at, keyEnd) === "4:info") {
      return createHash("sha1").update(bytes.subarray(keyEnd, valueEnd)).digest("hex");
    }
    at = valueEnd;
  }
  throw new Error(`${path}: no info dictionary`);
}

function letter(text: string): number {
  return text.charCodeAt(0);
}

/** Where the bencoded value that begins at `at` ends. */
function endOf(bytes: Buffer, at: number): number {
  switch (bytes[at]) {
    case letter("i"):
      return bytes.indexOf("e", at) + 1;
    case letter("l"):
    case letter("d"): {
      let next = at + 1;
      while (bytes[next] !== letter("e")) next = endOf(bytes, next);
      return next + 1;
    }
    default: {
      const colon = bytes.indexOf(":", at);
      return colon + 1 + Number(bytes.toString("latin1", at, colon));
    }
  }
}
