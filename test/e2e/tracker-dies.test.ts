/**
 * The tracker dies in the middle of a download. Goal: whoever is there completes, and so does a newcomer that is told of a
 * single leech, because the peers tell him of one another.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildProblem, ProgramRun } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { newMark } from "../support/marked-processes.ts";
import { differences, singleFile, writePayload } from "../support/payload.ts";
import { reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(buildProblem());

describe.skipIf(reason !== "")(`without its tracker ${reason}`, () => {
  let home = "";
  let mark = newMark();
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-tracker-dies-"));
    mark = newMark();
  });
  afterEach(() => {
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  test("everybody completes, a newcomer too", async () => {
    const payload = writePayload(join(home, "seed"), singleFile("content.bin", 12_000_000), "tracker");
    const options = { env: { HOME: home, XDG_RUNTIME_DIR: home, ...mark.environment } };
    const loopback = ["--bind", "127.0.0.1", "--port", "0", "--json"];
    const tracker = new ProgramRun(["track", ...loopback], options);
    const url = `http://127.0.0.1:${(await tracker.until("listening"))["port"]}/announce`;
    const out = join(home, "content.torrent");
    makeTorrent("p2p-tui", { payload, out, pieceLength: 65_536, tracker: url });
    const run = (command: string, name: string, ...more: readonly string[]): ProgramRun => {
      const place = ["--dir", join(home, name), "--profile", join(home, `${name}-profile`)];
      return new ProgramRun([command, out, ...place, ...loopback, ...more], options);
    };
    const seed = run("seed", "seed", "--max-up", "1MB");
    await seed.until("seeding");
    const leeches = ["one", "two", "three"].map((name) => run("get", name, "--seed", "--max-up", "500KB"));
    for (const leech of leeches) {
      await waitUntil("has a neighbour", 30_000, () => Number(leech.last("progress")?.["neighbours"]) > 0);
    }
    tracker.process.kill("SIGKILL");
    const [first] = leeches;
    const port = first?.last("listening")?.["port"];
    const newcomer = run("get", "newcomer", "--seed", "--peer", `127.0.0.1:${port}`);
    await waitUntil("the newcomer finds others than the one", 60_000, () =>
      newcomer.events.some(({ event, neighbours }) => event === "progress" && Number(neighbours) > 1),
    );
    for (const each of [...leeches, newcomer]) await each.until("complete", 120_000);
    await Promise.all([seed, ...leeches, newcomer].map(({ process }) => process.stop()));
    for (const name of ["one", "two", "three", "newcomer"]) {
      expect(differences(payload, join(home, name)), name).toEqual([]);
    }
  });
});
