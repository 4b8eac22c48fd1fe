import { describe, expect, it } from "vitest";
import { JsonReporter } from "../../source/commands/json-reporter.ts";
import { progressText, TextReporter } from "../../source/commands/text-reporter.ts";
import { hash, torrentRow } from "../control/fake-target.ts";
import { FakeIo } from "./fake-io.ts";

const half = torrentRow(1, {
  name: "a\x1b[31m.iso",
  totalLength: 1000,
  verifiedLength: 999,
  downRate: 2048,
  neighbours: 1,
  etaSeconds: 61,
});
const label = { infoHash: hash(1), name: half.name, totalLength: 1000 };

describe("progress for people", () => {
  it("is a line that is rewritten in place on a terminal, and never longer than it", () => {
    const io = new FakeIo({ isTerminal: true });
    const reporter = new TextReporter(io);
    reporter.progress([torrentRow(1, { name: "漢".repeat(300) })]);
    reporter.progress([half]);
    reporter.complete(label, 2);
    reporter.ended();
    const [live, ...lines] = io.errText.split("\n");
    const frames = live?.split("\r\x1b[K") ?? [];
    expect(frames).toHaveLength(4);
    const wide = frames[1]?.match(/漢/g)?.length ?? 0;
    expect(wide).toBeGreaterThan(5);
    expect((frames[1]?.length ?? 0) + wide).toBeLessThan(80);
    expect(frames[2]).toBe("99.9%  ↓ 2.00 KiB/s  ↑ 0 B/s  1 neighbour  1m 01s left  a[31m.iso");
    expect(frames[3]).toBe("a[31m.iso: complete and verified, 0.98 KiB, 2s at 500 B/s");
    expect(lines).toEqual([""]);
  });

  it("is a line every five seconds elsewhere, every minute while all is seeding", () => {
    const io = new FakeIo();
    const reporter = new TextReporter(io);
    for (let second = 0; second < 20; second++) reporter.progress([half]);
    expect(io.errText.split("\n")).toHaveLength(4 + 1);
    io.errText = "";
    for (let second = 0; second < 120; second++) reporter.progress([torrentRow(1, { state: "seeding" })]);
    expect(io.errText.split("\n")).toHaveLength(2 + 1);
    expect(io.errText).not.toContain("\x1b");
  });

  it("never says 100 % of what is not complete", () => {
    const row = torrentRow(1, { totalLength: 1e12, verifiedLength: 1e12 - 1 });
    expect(progressText([row])).toContain("99.9%");
  });

  it("adds several torrents up", () => {
    const done = torrentRow(2, { state: "seeding", verifiedLength: 1000, upRate: 1024, neighbours: 3 });
    expect(progressText([half, done])).toBe(
      "1 of 2 complete, 99.9%  ↓ 2.00 KiB/s  ↑ 1.00 KiB/s  4 neighbours  1m 01s left",
    );
  });
});

describe("progress for scripts", () => {
  it("has every field that the README promises", () => {
    const io = new FakeIo();
    const reporter = new JsonReporter(io.out);
    reporter.listening("127.0.0.1", 6881);
    reporter.added(label, "/d");
    reporter.checked(label, 5);
    reporter.progress([half]);
    reporter.complete(label, 1.23456);
    reporter.seeding(label);
    reporter.failed(label, "held", "somebody has it");
    reporter.warning("w");
    reporter.stopping();
    reporter.ended(true);
    const infoHash = hash(1);
    expect(io.events).toEqual([
      { event: "listening", address: "127.0.0.1", port: 6881 },
      { event: "added", infoHash, name: half.name, totalBytes: 1000, directory: "/d" },
      { event: "checked", infoHash, bytes: 5, totalBytes: 1000 },
      {
        event: "progress",
        infoHash,
        state: "downloading",
        bytes: 999,
        totalBytes: 1000,
        downRate: 2048,
        upRate: 0,
        downloaded: 0,
        uploaded: 0,
        wasted: 0,
        neighbours: 1,
        seeds: 0,
        etaSeconds: 61,
        checkedFraction: null,
        reason: "",
      },
      { event: "complete", infoHash, bytes: 1000, seconds: 1.235 },
      { event: "seeding", infoHash },
      { event: "failed", infoHash, code: "held", message: "somebody has it" },
      { event: "warning", message: "w" },
      { event: "stopped" },
    ]);
  });

  it("repeats a downloading torrent every second, a seeding one only when it has changed", () => {
    const io = new FakeIo();
    const reporter = new JsonReporter(io.out);
    const seeding = torrentRow(2, { state: "seeding" });
    for (let second = 0; second < 5; second++) reporter.progress([half, seeding]);
    reporter.progress([{ ...seeding, uploaded: 1 }]);
    const count = (infoHash: string) => io.events.filter((event) => Object.values(event).includes(infoHash)).length;
    expect(count(hash(1))).toBe(5);
    expect(count(hash(2))).toBe(2);
  });
});
