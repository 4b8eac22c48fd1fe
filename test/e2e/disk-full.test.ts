/** A disk that is really full, in a mount namespace that goes with the program: what fits completes, the rest says why. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildProblem, ProgramRun } from "../support/clients/program.ts";
import { newMark } from "../support/marked-processes.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { missingPrograms, mountProblem, reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(missingPrograms("unshare", "mount"), mountProblem(), buildProblem());

describe.skipIf(reason !== "")(`a full disk ${reason}`, () => {
  let home = "";
  let mark = newMark();
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "p2p-full-"));
    mark = newMark();
  });
  afterEach(() => {
    mark.killAll();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  test("stops the torrent that does not fit, with the reason, and not the one that does", async () => {
    const small = writePayload(join(home, "seed"), singleFile("small.bin", 3_000_001), "small");
    const large = writePayload(join(home, "seed"), singleFile("large.bin", 40_000_001), "large");
    const [smallTorrent = "", largeTorrent = ""] = [small, large].map((payload) => {
      const out = join(home, `${payload.name}.torrent`);
      makeTorrent("p2p-tui", { payload, out, pieceLength: 32_768, tracker: "http://127.0.0.1:9/announce" });
      return out;
    });
    const env = { HOME: home, XDG_RUNTIME_DIR: home, ...mark.environment };
    const common = ["--bind", "127.0.0.1", "--port", "0", "--json"];
    const place = (name: string): string[] => ["--dir", join(home, name), "--profile", join(home, `${name}-profile`)];
    const seedPlace = (name: string): string[] => ["--dir", join(home, "seed"), "--profile", join(home, name)];
    const smallSeed = new ProgramRun(["seed", smallTorrent, ...seedPlace("small"), ...common], { env });
    const { port } = await smallSeed.until("listening");
    await smallSeed.until("seeding");

    const disk = join(home, "disk");
    mkdirSync(disk);
    const mounting = `mount -t tmpfs -o size=16m tmpfs '${disk}' && exec "$@"`;
    const leech = new ProgramRun(
      ["get", smallTorrent, largeTorrent, ...place("disk"), ...common, "--peer", `127.0.0.1:${port}`],
      { env },
      { wrap: ["unshare", "--mount", "sh", "-c", mounting, "sh"] },
    );
    const at = (await leech.until("listening"))["port"];
    await leech.until("complete");
    // Now only: the large one would else have filled the disk, perhaps, before the small one was complete.
    const largeSeed = new ProgramRun(
      ["seed", largeTorrent, ...seedPlace("large"), ...common, "--peer", `127.0.0.1:${at}`],
      { env },
    );
    expect(await leech.process.exited, leech.process.logTail).toBe(1);
    const failed = leech.events.filter((event) => event.event === "failed");
    expect(failed).toHaveLength(1);
    expect(failed[0]?.["code"]).toBe("disk-full");
    expect(failed[0]?.["message"]).toContain("large.bin");
    const complete = leech.events.filter((event) => event.event === "complete");
    expect(complete.map((event) => event["bytes"])).toEqual([small.totalLength]);
    expect(await smallSeed.process.stop()).toBe(0);
    expect(await largeSeed.process.stop()).toBe(0);
  });

  test("in the middle of a move leaves all files where they were, and the move can be done when there is room", () => {
    const from = join(home, "from");
    mkdirSync(join(from, "deep"), { recursive: true });
    for (const name of ["a", "deep/b", "deep/c"]) writeFileSync(join(from, name), Buffer.alloc(4_000_000, 7));
    const disk = join(home, "disk");
    mkdirSync(disk);
    const mounting =
      `mount -t tmpfs -o size=16m tmpfs '${disk}' && head -c 8000000 /dev/zero > '${disk}/filler' && ` +
      `mkdir '${disk}/to' && exec "$@"`;
    const script = [process.execPath, join(import.meta.dirname, "../storage/full-mover.ts")];
    const places = [from, join(disk, "to"), join(disk, "filler"), join(home, "record")];
    const { stdout, stderr } = spawnSync("unshare", ["--mount", "sh", "-c", mounting, "sh", ...script, ...places], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const names = ["a", "deep/b", "deep/c"];
    expect(JSON.parse(stdout)).toEqual([
      { code: "disk-full", from: names, to: [], isWhole: true },
      { code: "", from: [], to: names, isWhole: true },
    ]);
    expect(existsSync(join(home, "record"))).toBe(false);
  });
});
