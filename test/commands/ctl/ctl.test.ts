/** `ctl` in this process, on a scripted engine behind a real control socket. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { enginePlace } from "../../../source/commands/engine-place.ts";
import { runCommandLine } from "../../../source/commands/run.ts";
import { version } from "../../../source/commands/version.ts";
import { ControlServer } from "../../../source/control/control-server.ts";
import type { Command } from "../../../source/control/protocol.ts";
import { settingsReport } from "../../../source/control/settings-report.ts";
import { NodeClock } from "../../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { type ControlListener, listenControl } from "../../../source/platform/ws-channel.ts";
import { SettingsFile } from "../../../source/settings/settings-file.ts";
import { FakeTarget, hash, sessionRow, torrentRow } from "../../control/fake-target.ts";
import { dhtReportOf } from "../../support/dht-report.ts";
import { FakeIo } from "../fake-io.ts";

const home = mkdtempSync(join(tmpdir(), "p2p-tui-ctl-unit-"));
const profile = join(home, ".local/state/p2p-tui");
const runtime = process.env["XDG_RUNTIME_DIR"];
let target = new FakeTarget();
let server: ControlServer | undefined;
let listener: ControlListener | undefined;

beforeAll(() => {
  process.env["XDG_RUNTIME_DIR"] = home;
});

beforeEach(async () => {
  target = new FakeTarget();
  target.rows = [
    torrentRow(1, { name: "one\u001b[2J\u202e.iso", state: "seeding", verifiedLength: 1000 }),
    torrentRow(2, { name: "two", reason: "the disk is full", state: "failed" }),
    torrentRow(3, { name: "all" }),
  ];
  target.sessionNow = sessionRow({ profile, pid: process.pid, version, maxUpRate: 7000 });
  server = new ControlServer({ clock: new NodeClock() }, target, { version, profile, pid: process.pid });
  const attach = server.attach.bind(server);
  listener = await listenControl((await enginePlace(profile)).controlPath, attach);
});

afterEach(async () => {
  server?.close();
  await listener?.close();
});

afterAll(() => {
  if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = runtime;
  rmSync(home, { recursive: true, force: true });
});

async function ctl(args: readonly string[], more: { readonly isTerminal?: boolean; readonly input?: string } = {}) {
  const io = new FakeIo({ home, isTerminal: more.isTerminal ?? false, workingDirectory: home });
  io.input = more.input ?? "";
  return { code: await runCommandLine(["ctl", ...args], io), io };
}

const twoHash = hash(2);

describe("ctl", () => {
  it("lists nothing that could steer a terminal, and says what is wrong with what failed", async () => {
    const { code, io } = await ctl(["list"]);
    expect(code).toBe(0);
    expect(io.outText).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(io.outText.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^00000000 {2}seeding +100% .* {2}one\[2J\.iso$/),
      expect.stringMatching(/^00000000 {2}failed +0% .* {2}two \(the disk is full\)$/),
      expect.stringMatching(/ {2}all$/),
      "",
    ]);
  });

  it("shows of a magnet link how much of its metadata has come, and no size", async () => {
    const unknown = { pieceCount: 0, totalLength: 0, wantedLength: 0, leftLength: 0 };
    target.rows = [torrentRow(1, { name: "link", state: "fetching", checkedFraction: 0.25, ...unknown })];
    const { io } = await ctl(["list"]);
    expect(io.outText).toMatch(/fetching +25% +· .* link\n/);
  });

  it("calls by its info hash what has no name that can be seen", async () => {
    target.rows = ["", "\u200b \u001b"].map((name, i) => torrentRow(4 + i, { name }));
    expect((await ctl(["list"])).io.outText).toMatch(/ {2}00000000\n.* {2}00000000\n$/);
    const asked = await ctl(["remove", hash(4), "--with-data"], { isTerminal: true, input: "n\n" });
    expect(asked.io.errText).toContain("  00000000 (0.98 KiB) in /tmp/downloads\n");
    expect((await ctl(["names"])).io.outText).toBe("");
  });

  it("tells scripts everything, names as they are", async () => {
    const { io } = await ctl(["list", "--json"]);
    expect(io.events).toHaveLength(3);
    expect(io.events[0]).toMatchObject({
      infoHash: hash(1),
      name: "one\u001b[2J\u202e.iso",
      bytes: 1000,
      etaSeconds: null,
    });
    expect(io.events[0]).toMatchObject({ addedAt: "1970-01-01T00:00:00.001Z", completedAt: null });
  });

  it("is told why by the engine where a label is longer than any may be, and the others have their turn", async () => {
    const reason = "a label has at most 64 characters";
    target.answer = () => Promise.reject(new OperationalError("bad-label", reason));
    const { code, io } = await ctl(["label", "all", `+${"x".repeat(65)}`]);
    expect(code).toBe(1);
    expect(io.errText.split(reason)).toHaveLength(4);
  });

  it("acts on each torrent, and where the engine refuses one, on the others", async () => {
    target.answer = (command) =>
      "infoHash" in command && command.infoHash === twoHash
        ? Promise.reject(new OperationalError("busy", "it is being moved"))
        : Promise.resolve(null);
    const { code, io } = await ctl(["pause", "all", "--json"]);
    expect(code).toBe(1);
    expect(target.commands.map(({ name }) => name)).toEqual(["pause", "pause", "pause"]);
    expect(io.events).toMatchObject([
      { event: "paused", infoHash: hash(1) },
      { event: "error", torrent: twoHash, code: "busy", message: "two: it is being moved" },
      { event: "paused", infoHash: hash(3) },
    ]);
    expect(io.errText).toBe("p2p-tui: two: it is being moved\n");
  });

  it("takes `all` for a name where all would be too much", async () => {
    expect((await ctl(["recheck", "all"])).code).toBe(0);
    expect(target.commands).toEqual([{ name: "recheck", infoHash: hash(3) }]);
  });

  it("deletes files only where that was confirmed", async () => {
    for (const input of ["", "n\n", "yet\n", "\n"]) {
      const { code, io } = await ctl(["remove", "two", "--with-data"], { isTerminal: true, input });
      expect(code).toBe(1);
      expect(io.errText).toContain("two (0.98 KiB) in /tmp/downloads\nRemove it and its files for good? [y/N] ");
      expect(io.errText).toContain("nothing was removed");
    }
    expect(target.commands).toEqual([]);
    const { code } = await ctl(["remove", "two", "--with-data"], { isTerminal: true, input: "Y\n" });
    expect(code).toBe(0);
    expect(target.commands).toEqual([{ name: "remove", infoHash: twoHash, data: "delete" }]);
  });

  it("brings back what was removed last first, and lists what could come back", async () => {
    const row = { savePath: "/srv", totalLength: 1000, removedWallMs: 5 };
    const removed = ["late", "early"].map((name, i) => ({ ...row, infoHash: hash(8 + i), name }));
    target.answer = async (command) => (command.name === "removed" ? { removed } : null);
    const listed = await ctl(["restore", "--json"]);
    expect(listed.io.events).toMatchObject([{ name: "late", directory: "/srv", totalBytes: 1000 }, { name: "early" }]);
    expect((await ctl(["restore"])).io.outText).toMatch(/^HASH +SIZE +REMOVED +NAME\n/);
    target.commands.splice(0);
    const { code, io } = await ctl(["restore", "early", "nobody", "lat", "--json"]);
    expect(code).toBe(1);
    expect(target.commands.slice(1)).toEqual([8, 9].map((n) => ({ name: "restore", infoHashes: [hash(n)] })));
    expect(io.events).toMatchObject([
      { event: "error", torrent: "nobody" },
      { event: "restored", name: "late" },
      { event: "restored", name: "early" },
    ]);
    expect((await ctl(["restore", "all"])).code).toBe(0);
  });

  it("gives labels and takes them away, of several torrents at once, words with a minus among them", async () => {
    target.rows = target.rows.map((row, i) => ({ ...row, labels: i === 0 ? ["old"] : [] }));
    const { code, io } = await ctl(["label", "one", "two", "+linux,big", "-old", "--json"]);
    expect(code).toBe(0);
    const changes = { labels: ["big", "linux"] };
    expect(target.commands).toEqual([
      { name: "change", infoHash: hash(1), changes },
      { name: "change", infoHash: twoHash, changes },
    ]);
    expect(io.events[0]).toMatchObject({ event: "labelled", infoHash: hash(1), ...changes });
    expect((await ctl(["label"])).io.outText).toBe("TORRENTS  LABEL\n       1  old\n");
    expect((await ctl(["label", "one"])).io.outText).toMatch(/^\[old\] 00000000 one/);
    expect((await ctl(["label", "+new"])).code).toBe(2);
    expect(target.commands).toHaveLength(2);
  });

  it("lists what fits, and acts on it", async () => {
    target.rows = target.rows.map((row, i) => ({ ...row, labels: i < 2 ? ["linux"] : [] }));
    const listed = async (...terms: readonly string[]) =>
      (await ctl(["list", "--json", ...terms])).io.events.map(({ infoHash }) => infoHash);
    expect(await listed("state:failed")).toEqual([twoHash]);
    expect(await listed("label:linux", "-two")).toEqual([hash(1)]);
    expect((await ctl(["list", "nothing"])).io.errText).toBe("none of 3 torrents fits\n");
    expect((await ctl(["list", "state:nothing"])).io.errText).toMatch(/no state begins with "nothing"/);
    expect((await ctl(["pause", "label:linux"])).code).toBe(0);
    expect(target.commands.map((command) => "infoHash" in command && command.infoHash)).toEqual([hash(1), twoHash]);
    expect((await ctl(["pause", "label:gone"])).io.errText).toBe('p2p-tui: no torrent fits "label:gone"\n');
    // Where it could destroy something, only names are taken.
    expect((await ctl(["remove", "label:linux"])).code).toBe(1);
  });

  it("chooses among files by index and pattern, and says what is wanted then", async () => {
    expect((await ctl(["files", "two"])).io.outText).toMatch(
      /^INDEX +PRIORITY +DONE +COPIES +SIZE +PATH\n +0 +normal +0% +1 .* a\n$/,
    );
    expect((await ctl(["files", "two", "--high", "a"])).io.outText).toMatch(
      /^1 of 1 file \(0\.98 KiB\) wanted of 0000/,
    );
    expect((await ctl(["files", "two", "--skip", "0", "--json"])).io.events).toMatchObject([
      { event: "chosen", infoHash: twoHash, changed: 1, wanted: 0, files: 1, wantedBytes: 0 },
    ]);
    expect((await ctl(["files", "two", "--skip", "*.nfo"])).code).toBe(1);
    // It is so already: nothing is asked of the engine.
    expect((await ctl(["files", "two", "--normal", "a"])).code).toBe(0);
    expect(target.commands).toEqual([
      { name: "change", infoHash: twoHash, changes: { priorities: [{ file: 0, priority: "high" }] } },
      { name: "change", infoHash: twoHash, changes: { priorities: [{ file: 0, priority: "skip" }] } },
    ]);
  });

  it("shows how rare pieces are, and one of them with who has it", async () => {
    const all = (await ctl(["pieces", "two"])).io.outText;
    expect(all).toMatch(/^0 of 1 piece of 16\.0 KiB; 1\.00 copies among 1 neighbour\n\n/);
    expect(all).toMatch(/COPIES +MISSING PIECES\n +1 +1\n/);
    expect(all).toMatch(/PIECES +COPIES +ONLY WITH\n0 +1 +127\.0\.0\.1:5000\n/);
    expect(all).toMatch(/127\.0\.0\.1:5001 +3 +·\n$/);
    expect((await ctl(["pieces", "two", "--json"])).io.events).toEqual([
      expect.objectContaining({ pieces: 0, totalPieces: 1, neighbours: 1, of: "missing", copies: [0, 1] }),
      { first: 0, last: 0, availability: 1, holders: ["127.0.0.1:5000"] },
      { id: 2, endpoint: "127.0.0.1:5001", lacks: 3, seconds: null },
    ]);
    const one = (await ctl(["pieces", "two", "0"])).io.outText;
    expect(one.split("\n").slice(0, 5)).toEqual([
      "piece 0, 0.98 KiB: in flight; 0 of 1 block here, 1 asked for",
      "  it is under way",
      "  1 asked for",
      "  of a (skipped)",
      "  and of 2 files more",
    ]);
    expect(one).toMatch(/127\.0\.0\.1:5000 +has it +yes +1\.00 KiB\/s +1 +0 +p2p-tui\[2J\n$/);
    expect((await ctl(["pieces", "two", "0", "--json"])).io.events).toMatchObject([{ index: 0, blockStates: "a" }]);
    expect(target.topics.at(-1)).toMatchObject({ piece: 0, cells: 0 });
    expect((await ctl(["pieces", "two", "x", "--json"])).code).toBe(0);
  });

  it("has pieces come in order, or rarest first", async () => {
    expect((await ctl(["sequential", "two", "one", "on"])).code).toBe(0);
    expect((await ctl(["sequential", "two", "maybe"])).code).toBe(2);
    expect((await ctl(["sequential", "two", "off"])).io.outText).toBe("rarest first: 00000000 two\n");
    expect(target.commands).toMatchObject([
      { infoHash: twoHash, changes: { isSequential: true } },
      { infoHash: hash(1), changes: { isSequential: true } },
      { infoHash: twoHash, changes: { isSequential: false } },
    ]);
  });

  it("counts magnet links among the torrents, and says of them that they have no place in the queue yet", async () => {
    const unknown = { pieceCount: 0, totalLength: 0, wantedLength: 0, leftLength: 0 };
    target.rows = [
      torrentRow(1, { name: "link", state: "fetching", ...unknown }),
      torrentRow(2, { name: "two", state: "seeding" }),
    ];
    expect((await ctl(["stats"])).io.outText).toMatch(/^Torrents +2 torrents \(1 fetching, 1 seeding\)$/m);
    const moved = await ctl(["queue", "link", "two", "top"]);
    expect([moved.code, moved.io.outText]).toEqual([1, expect.stringMatching(/^place 1: \S+ two\n$/)]);
    expect(moved.io.errText).toContain("link has no place of its own in the queue before its metadata is here");
    const added = await ctl(["add", hash(3), "--top", "--dir", "/x"]);
    expect([added.code, added.io.outText]).toEqual([1, ""]);
    expect(target.commands).toEqual([{ name: "queue", infoHashes: [twoHash], move: "top" }]);
  });

  it("moves torrents in the queue together, and says where they are", async () => {
    target.rows = target.rows.map((row, i) => ({ ...row, queuePosition: i + 1 }));
    expect((await ctl(["queue", "two", "one", "top"])).io.outText).toBe(
      "place 2: 00000000 two\nplace 1: 00000000 one[2J.iso\n",
    );
    expect((await ctl(["queue", "two", "7", "--json"])).code).toBe(0);
    expect((await ctl(["queue", "two", "0"])).code).toBe(2);
    expect((await ctl(["queue", "nobody", "top"])).code).toBe(1);
    expect(target.commands).toEqual([
      { name: "queue", infoHashes: [twoHash, hash(1)], move: "top" },
      { name: "queue", infoHashes: [twoHash], move: 7 },
    ]);
  });

  it("sets limits and goals of torrents, and takes them back", async () => {
    const limits = ["--max-down", "2KiB", "--ratio", "1.5", "--seed-time", "3 days", "--idle", "90", "--slots", "3"];
    expect(
      (await ctl(["set", "two", ...limits, "--connections", "9", "--force", "on", "--super-seed", "on"])).code,
    ).toBe(0);
    expect((await ctl(["set", "two", "--ratio", "default", "--seed-time", "0", "--force", "off"])).code).toBe(0);
    expect(target.commands).toEqual([
      {
        name: "change",
        infoHash: twoHash,
        changes: {
          maxDownRate: 2048,
          ratioGoal: 1.5,
          seedMinutesGoal: 4320,
          idleMinutesGoal: 90,
          slots: 3,
          connections: 9,
          isSuperSeed: true,
          isForced: true,
        },
      },
      { name: "change", infoHash: twoHash, changes: { ratioGoal: null, seedMinutesGoal: 0, isForced: false } },
    ]);
    for (const wrong of [["two"], ["--ratio", "2"], ["two", "queue.seeds=2", "--ratio", "2"], ["two", "--ratio", "x"]])
      expect((await ctl(["set", ...wrong])).code).toBe(2);
  });

  it("switches the alternative limits", async () => {
    target.sessionNow = sessionRow({
      alternative: { isOn: true, isByHand: true, nextSwitchWallMs: null },
      maxUpRate: 1024,
    });
    expect((await ctl(["alternative", "on"])).io.outText).toBe(
      "the alternative limits hold: download no limit, upload at most 1.00 KiB/s\n",
    );
    expect((await ctl(["alternative", "maybe"])).code).toBe(2);
    expect(target.commands).toEqual([{ name: "alternative", mode: "on" }]);
  });

  it("prints names for completion: those that name one torrent", async () => {
    target.rows = [...target.rows, torrentRow(4, { name: "two" })];
    expect((await ctl(["names"])).io.outText).toBe("one[2J.iso\nall\n");
    server?.close();
    await listener?.close();
    expect(await ctl(["names"])).toMatchObject({ code: 0, io: { outText: "", errText: "" } });
  });

  describe("bans", () => {
    const said: Command[] = [];
    beforeEach(() => {
      said.length = 0;
      target.answer = async (command) => {
        said.push(command);
        return { bans: ["192.0.2.7", "2001:db8::/32"], filterRanges: 3, refused: 12 };
      };
    });

    it("takes addresses, networks and endpoints as they are shown", async () => {
      const { code, io } = await ctl(["ban", "192.0.2.7:6881", "[2001:db8::1]:1", "10.0.0.0/8", "nonsense:x"]);
      expect([code, said]).toEqual([
        0,
        [{ name: "ban", addresses: ["192.0.2.7", "2001:db8::1", "10.0.0.0/8", "nonsense:x"] }],
      ]);
      expect(io.outText).toBe("banned 192.0.2.7\nbanned 2001:db8::1\nbanned 10.0.0.0/8\nbanned nonsense:x\n");
      expect((await ctl(["unban", "192.0.2.7", "--json"])).io.events).toEqual([
        { event: "unbanned", address: "192.0.2.7" },
      ]);
    });

    it("lists them as a filter file would have them", async () => {
      const { io } = await ctl(["bans"]);
      expect(io.outText).toBe("192.0.2.7\n2001:db8::/32\n");
      expect(io.errText).toBe("2 banned by hand; IP filters have 3 more ranges; 12 refused so far\n");
      expect((await ctl(["bans", "--json"])).io.events).toEqual([
        { address: "192.0.2.7" },
        { address: "2001:db8::/32" },
      ]);
    });

    it("says what is wrong", async () => {
      target.answer = () => Promise.reject(new OperationalError("bad-address", '"x" is no address and no network'));
      const { code, io } = await ctl(["ban", "x"]);
      expect([code, io.outText]).toEqual([1, ""]);
      expect(io.errText).toContain('"x" is no address');
    });
  });

  describe("dht", () => {
    it("tells what its nodes know, are asked and keep", async () => {
      target.answer = () => Promise.resolve(dhtReportOf());
      const { code, io } = await ctl(["dht"]);
      expect(code).toBe(0);
      expect(io.outText).toBe(
        [
          "State     162 nodes known",
          "Searches  2 under way, 140 so far; 3,120 peers found by them",
          "IPv4      0.0.0.0:6881, seen by others as 203.0.113.7, id 0123456789abcdef0123456789abcdef01234567",
          "  nodes   162 good, 12 questionable, 3 bad",
          "  asks    1,200 queries, 25% unanswered; 1 lookup under way",
          "  answers 4,000 queries; 7 too many, 2 no messages",
          "  keeps   12 torrents, 40 peers, 1 value of others",
          "",
        ].join("\n"),
      );
      const { dhtProblem: problem, ...rest } = dhtReportOf();
      expect((await ctl(["dht", "--json"])).io.events).toEqual([{ problem, ...rest }]);
    });

    it.each([
      [{ isEnabled: false, nodes: [] }, "switched off (dht.enabled)"],
      [{ nodes: [], isJoining: true }, "looking for its first nodes"],
      [{ nodes: [], dhtProblem: "no host\u001b[2J" }, "no node known: no host"],
      [{ isReadOnly: true }, "162 nodes known; we answer nobody (dht.read-only)"],
    ])("says what is the matter with it: %j", async (changes, text) => {
      target.answer = () => Promise.resolve(dhtReportOf(changes));
      const { io } = await ctl(["dht"]);
      expect(io.outText.split("\n")[0]).toContain(text);
      expect(io.outText).not.toContain("\u001b");
    });

    it("asks how large a swarm is, of torrents that are there and of any info hash", async () => {
      const said: Command[] = [];
      target.answer = async (command) => {
        said.push(command);
        return { scrapedSeeds: 1, scrapedLeeches: 0, sources: said.length === 1 ? 8 : 0 };
      };
      expect((await ctl(["dht", "two"])).io.outText).toBe("about 1 seed and 0 leeches, as 8 nodes told\n");
      const any = "0123456789ABCDEF0123456789abcdef01234567";
      expect((await ctl(["dht", any])).io.outText).toBe(`nobody in the DHT knows of ${any.toLowerCase()}\n`);
      expect((await ctl(["dht", any, "--json"])).io.events).toEqual([
        { infoHash: any.toLowerCase(), seeds: 1, leeches: 0, sources: 0 },
      ]);
      expect(said[0]).toEqual({ name: "dht-scrape", infoHash: hash(2) });
    });
  });

  it("lets go of neighbours one by one, and says which it could not", async () => {
    target.answer = (command) =>
      command.name === "kick" && command.endpoint === "10.0.0.9:1"
        ? Promise.reject(new OperationalError("no-neighbour", "10.0.0.9:1 is no neighbour of it"))
        : Promise.resolve(null);
    const { code, io } = await ctl(["kick", "two", "[2001:db8::1]:6881", "10.0.0.9:1", "10.0.0.2:7"]);
    expect([code, io.outText.split("\n")]).toEqual([
      1,
      [
        `let go of [2001:db8::1]:6881, a neighbour of ${twoHash.slice(0, 8)} two`,
        `let go of 10.0.0.2:7, a neighbour of ${twoHash.slice(0, 8)} two`,
        "",
      ],
    ]);
    expect(io.errText).toBe("p2p-tui: two: 10.0.0.9:1 is no neighbour of it\n");
    expect((await ctl(["kick", "two", "10.0.0.2:7", "--json"])).io.events).toEqual([
      { event: "kicked", infoHash: twoHash, name: "two", endpoint: "10.0.0.2:7" },
    ]);
    expect((await ctl(["kick", "two"])).code).toBe(2);
  });

  describe("settings", () => {
    beforeEach(() => {
      const settings = new SettingsFile(
        { clock: new NodeClock(), files: new NodeFileSystem() },
        {
          path: join(home, "settings.toml"),
          places: { home, downloads: home },
          overrides: { limits: { up: 7000, slots: 5 } },
        },
      );
      target.answer = async (command) => {
        if (command.name === "set") await settings.change(command.changes);
        return settingsReport(settings);
      };
    });

    afterEach(() => rmSync(join(home, "settings.toml"), { force: true }));

    it("changes the limit that is given, and leaves the other", async () => {
      const { code, io } = await ctl(["set", "--max-down", "2MB"]);
      expect(code).toBe(0);
      expect(io.outText).toBe("download at most 1.91 MiB/s, upload at most 6.84 KiB/s\n");
      expect((await ctl(["set", "--max-up", "0", "--json"])).io.events).toEqual([
        { event: "limits", maxDownRate: 2_000_000, maxUpRate: 0 },
      ]);
      expect(readFileSync(join(home, "settings.toml"), "utf8")).toMatch(/^down = "2 MB"$(?:.|\n)*^up = 0$/m);
    });

    it("changes several for good, and says what holds later", async () => {
      const { code, io } = await ctl(["set", "seeding.time=3 days", "network.port=7000", "downloads.watch=/a b"]);
      expect(code).toBe(0);
      expect(io.outText).toBe('seeding.time = "3 days"\nnetwork.port = 7000\ndownloads.watch = ["/a b"]\n');
      expect(io.errText).toBe("p2p-tui: network.port holds from the next start of the engine on\n");
      expect((await ctl(["set", "network.port=", "--json"])).io.events).toEqual([
        { event: "set", key: "network.port", value: null, needsRestart: true },
      ]);
    });

    it.each([
      [["queue.sedes=3"], 1, "there is no setting queue.sedes; did you mean queue.seeds?"],
      [["max-down=2MB"], 1, "there is no setting max-down; did you mean limits.down?"],
      [["queue.seeds=3", "limits.up=fast"], 1, 'limits.up: "fast" is not a rate'],
      [["queue.seeds"], 2, '"queue.seeds" is not KEY=VALUE'],
      [[], 2, "ctl set needs KEY=VALUE"],
    ])("refuses %j and changes nothing", async (words, expected, message) => {
      const { code, io } = await ctl(["set", ...words]);
      expect([code, io.outText]).toEqual([expected, ""]);
      expect(io.errText).toContain(`p2p-tui: ${message}`);
      expect(existsSync(join(home, "settings.toml"))).toBe(false);
    });

    it("lists what holds, what the default is, and where it comes from", async () => {
      await ctl(["set", "limits.down=2MB", "limits.slots=6"]);
      const { io } = await ctl(["settings"]);
      expect(io.outText.split("\n")).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^SETTING +FROM +DEFAULT +VALUE$/),
          expect.stringMatching(/^limits\.down +file +0 +"2 MB"$/),
          expect.stringMatching(/^limits\.up +command line +0 +"7 KB"$/),
          expect.stringMatching(/^limits\.slots +file +0 +6$/),
          expect.stringMatching(/^network\.port +default +not set +not set$/),
        ]),
      );
      expect((await ctl(["settings", "limits.up", "limits.down", "--json"])).io.events).toMatchObject([
        { key: "limits.down", value: 2_000_000, default: 0, source: "file", file: join(home, "settings.toml") },
        { key: "limits.up", value: 7000, source: "option" },
      ]);
      expect((await ctl(["settings", "limits.sideways"])).code).toBe(1);
    });
  });

  it("says why, and what the neighbours' last minute went into", async () => {
    expect((await ctl(["why", "two"])).io.outText).toMatch(
      /^\w{8} two: failed\n {2}stops {2}the only useful neighbour chokes us\n {2}time {3}the last minute of useful neighbours:\n {9}75% it chokes us\n {9}25% asked, and on the way: its line is the limit\n$/,
    );
    expect((await ctl(["why", "two", "--json"])).io.events.at(-1)).toMatchObject({
      bound: null,
      time: { downSeconds: 60, down: { choked: 0.75, waiting: 0.25 } },
    });
  });

  it("shows neighbours, and fails in one sentence when the engine goes away under it", async () => {
    expect((await ctl(["peers", "two"])).io.outText).toMatch(
      /^ADDRESS +FLAGS .* CLIENT\n127\.0\.0\.1:5000 +D .* seed +· +p2p-tui\n$/,
    );
    target.answer = () => {
      server?.close();
      return new Promise(() => {});
    };
    const { code, io } = await ctl(["pause", "one", "two"]);
    expect(code).toBe(1);
    expect(io.errText).toMatch(/^p2p-tui: [^\n]*the connection to the engine ended: .*\n$/);
  });
});
