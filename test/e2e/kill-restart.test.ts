/**
 * Ten times killed without warning at random moments of a download, each time started again with the same profile and
 * directory. Goal: the content is right in the end, and at most 10 % of what was verified is downloaded twice. What was
 * verified is measured from outside: the pieces in the file that are right at the moment of death.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../source/base/random.ts";
import type { Metainfo } from "../../source/metainfo/metainfo.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { buildProblem, ProgramRun } from "../support/clients/program.ts";
import { newMark } from "../support/marked-processes.ts";
import { differences, type FilePlan, folder, singleFile, writePayload } from "../support/payload.ts";
import { reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(buildProblem());

const killCount = 10;
const totalLength = 40_000_003;
const pieceLength = 64 * 1024;
const rateLimit = "3MB";
/** Counted from the start of the process, so that some hit it while it starts and checks. */
const lifeMsMin = 250;
const lifeMsMax = 1_600;

describe.skipIf(reason !== "")(`killed and started again ${reason}`, () => {
  let home = "";
  let mark = newMark();
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-kill-"));
    mark = newMark();
  });
  afterEach(() => {
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  const layouts: readonly (readonly [name: string, files: readonly FilePlan[], seed: number])[] = [
    ["one file", singleFile("content.bin", totalLength), 1],
    ["a folder", folder("content", totalLength), 2],
  ];
  for (const [layout, files, randomSeed] of layouts) {
    test(`${layout}: completes after ten kills, and at most a tenth is downloaded twice`, async () => {
      const random = new SeededRandom(randomSeed);
      const payload = writePayload(join(home, "seed"), files, layout);
      const out = join(home, "test.torrent");
      makeTorrent("p2p-tui", { payload, out, pieceLength, tracker: "http://127.0.0.1:9/announce" });
      const metainfo = parseMetainfo(readFileSync(out), new NodeHasher());
      const options = { env: { HOME: home, XDG_RUNTIME_DIR: home, ...mark.environment } };
      const run = (command: string, directory: string, ...more: readonly string[]): ProgramRun => {
        const place = ["--dir", join(home, directory), "--profile", join(home, `${directory}-profile`)];
        return new ProgramRun(
          [command, out, ...place, "--bind", "127.0.0.1", "--port", "0", "--json", ...more],
          options,
        );
      };
      const seed = run("seed", "seed");
      const { port } = await seed.until("listening");
      await seed.until("seeding");
      const peer = ["--peer", `127.0.0.1:${port}`];

      const lives: { readonly lifeMs: number; readonly right: number; readonly checked: number }[] = [];
      let lost = 0;
      let right = 0;
      for (let kill = 0; kill < killCount; kill++) {
        const leech = run("get", "leech", ...peer, "--max-down", rateLimit);
        const lifeMs = lifeMsMin + (random.uint32() % (lifeMsMax - lifeMsMin));
        await new Promise((resolve) => setTimeout(resolve, lifeMs));
        expect(leech.process.ended, `it ended by itself: ${leech.process.logTail}`).toBeNull();
        leech.process.kill("SIGKILL");
        await leech.process.exited;
        expect(leech.strayLines).toEqual([]);
        // A life too short to tell what it found counts in the next.
        const checked = leech.last("checked")?.["bytes"];
        if (typeof checked === "number") {
          expect(checked, `it believes in pieces that are not there: ${JSON.stringify(lives)}`).toBeLessThanOrEqual(
            right,
          );
          lost += right - checked;
        }
        // Its last lines may have been lost with it, but not what it had written.
        right = rightBytes(metainfo, payload.parent, join(home, "leech"));
        lives.push({ lifeMs, right, checked: typeof checked === "number" ? checked : -1 });
      }
      const last = run("get", "leech", ...peer);
      expect(await last.process.exited, last.process.logTail).toBe(0);
      const checked = Number(last.last("checked")?.["bytes"]);
      lost += right - checked;
      expect(await seed.process.stop(), seed.process.logTail).toBe(0);
      expect(differences(payload, join(home, "leech"))).toEqual([]);
      expect(right, `too slow to say anything: ${JSON.stringify(lives)}`).toBeGreaterThan(totalLength / 10);
      expect(lost / right, JSON.stringify({ lost, right, lives })).toBeLessThanOrEqual(0.1);
      const uploaded = Number(seed.last("progress")?.["uploaded"]);
      process.stdout.write(
        `${layout}: ${lost} of ${right} verified bytes lost in ten kills; the seed sent ${uploaded}\n`,
      );
    });
  }
});

/** Bytes of the pieces that are in the files as they should be. */
function rightBytes(metainfo: Metainfo, original: string, directory: string): number {
  const wanted = new PieceReader(metainfo, original);
  const got = new PieceReader(metainfo, directory);
  let sum = 0;
  for (let at = 0; at < metainfo.totalLength; at += pieceLength) {
    const length = Math.min(pieceLength, metainfo.totalLength - at);
    if (Buffer.compare(wanted.read(at, length), got.read(at, length)) === 0) sum += length;
  }
  wanted.close();
  got.close();
  return sum;
}

/** Reads across the files of a torrent as if they were one. What is missing reads as nothing. */
class PieceReader {
  readonly #files: { readonly begin: number; readonly length: number; readonly descriptor: number }[] = [];

  constructor(metainfo: Metainfo, directory: string) {
    for (const { path, offset, length } of metainfo.files) {
      const place = join(directory, ...path);
      if (statSync(place, { throwIfNoEntry: false }) === undefined) continue;
      this.#files.push({ begin: offset, length, descriptor: openSync(place, "r") });
    }
  }

  read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let got = 0;
    for (const file of this.#files) {
      const from = Math.max(at, file.begin);
      const to = Math.min(at + length, file.begin + file.length);
      if (from < to) got += readSync(file.descriptor, bytes, from - at, to - from, from - file.begin);
    }
    return bytes.subarray(0, got);
  }

  close(): void {
    for (const file of this.#files) closeSync(file.descriptor);
  }
}
