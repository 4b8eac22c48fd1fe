/** What is left on the terminal when the screen is gone. */
import { describe, expect, it } from "vitest";
import type { TorrentRow } from "../../source/control/protocol.ts";
import { engineLines, summaryLines } from "../../source/tui/summary.ts";
import { FakeEngine, someSwarms } from "../support/fake-engine.ts";

const rows = [...new FakeEngine(someSwarms).swarms.values()].map((swarm) => swarm.row());

describe("the summary", () => {
  it.each(["kept", "stopped", "lost"] as const)(
    "names commands that find the profile where the engine is %s",
    (fate) => {
      const [usual = ""] = engineLines(fate, 1, "");
      const [named = ""] = engineLines(fate, 1, " --profile /srv/p2p");
      expect(usual).toContain("`p2p-tui`");
      expect(named).toContain("`p2p-tui --profile /srv/p2p`");
      expect(named.includes("`p2p-tui engine stop --profile /srv/p2p`")).toBe(fate === "kept");
    },
  );

  it("has a line for each of a few torrents, without what could steer the terminal", () => {
    const [first] = rows;
    const lines = summaryLines([{ ...(first as TorrentRow), name: "a\u001b[2J\nb" }, ...rows.slice(1)]);
    expect(lines).toHaveLength(rows.length);
    expect(lines[0]).toMatch(/^a\[2J ?b: .* verified, uploaded /);
    expect(lines.find((line) => line.startsWith("holiday"))).toContain("failed: no space left on the disk");
  });

  it("does not call complete what nothing is known of", () => {
    const magnet = {
      ...(rows[0] as TorrentRow),
      name: "link",
      pieceCount: 0,
      wantedLength: 0,
      leftLength: 0,
      uploaded: 0,
    };
    expect(summaryLines([magnet])).toEqual(["link: its metadata is not known yet, uploaded 0 B"]);
    expect(summaryLines(Array.from({ length: 9 }, () => magnet))[0]).toMatch(/^9 torrents: 0 complete, 9 not, /);
  });

  it("sums up many, and tells those that failed", () => {
    const failed = rows.find(({ state }) => state === "failed") as TorrentRow;
    const many = [...rows, ...rows, ...Array.from({ length: 10 }, () => failed)];
    const lines = summaryLines(many);
    expect(lines[0]).toMatch(/^24 torrents: 2 complete, 22 not, uploaded /);
    expect(lines.slice(1, -1).every((line) => line.startsWith("holiday pictures"))).toBe(true);
    expect(lines.at(-1)).toBe("and 4 more that failed");
  });
});
