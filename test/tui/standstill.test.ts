import { describe, expect, it } from "vitest";
import type { NeighbourRow, TorrentDetail, TorrentTopic } from "../../source/control/protocol.ts";
import { whyStill } from "../../source/tui/components/standstill.ts";
import { FakeEngine } from "../support/fake-engine.ts";

const engine = new FakeEngine();
engine.step(1_000, true);
const topic: TorrentTopic = {
  kind: "torrent",
  infoHash: engine.first.infoHash,
  neighbours: { offset: 0, limit: 500, sort: "downRate", isDescending: true },
  files: { offset: 0, limit: 0 },
  logLimit: 0,
  cells: 100,
};
const flowing = engine.first.detail(topic);
const row = { ...flowing.row, downRate: 0 };
const still: TorrentDetail = { ...flowing, row };

function withNeighbours(change: (neighbour: NeighbourRow, i: number) => Partial<NeighbourRow>): TorrentDetail {
  return { ...still, neighbours: still.neighbours.map((neighbour, i) => ({ ...neighbour, ...change(neighbour, i) })) };
}

describe("a download that stands still", () => {
  it("says nothing while something comes, or while it is paused", () => {
    expect(whyStill({ ...still, row: { ...row, downRate: 50_000 } })).toBe("");
    expect(whyStill({ ...still, row: { ...row, state: "paused" } })).toBe("");
  });

  it("blames the missing peers, and the trackers where they are silent", () => {
    const alone = { ...still, neighbours: [], neighbourCount: 0 };
    expect(whyStill({ ...alone, row: { ...row, knownPeers: 0 } })).toBe("no peers known yet");
    expect(whyStill({ ...alone, row: { ...row, knownPeers: 3 } })).toBe("no neighbour yet, trying 3 peers");
    const trackers = still.trackers.map((tracker) => ({ ...tracker, state: "failed" as const }));
    expect(whyStill({ ...alone, trackers, row: { ...row, knownPeers: 0 } })).toBe("no peers: no tracker answers");
  });

  it("says that nobody near has what is missing", () => {
    const missing = row.pieceCount - row.verifiedPieces;
    const pieces = { ...still.pieces, rarest: { availability: 0, count: missing, first: 0 } };
    expect(whyStill({ ...still, pieces })).toMatch(/^nobody near has the [\d,]+ missing pieces$/);
  });

  it("says that all choke us", () => {
    const detail = withNeighbours((_, i) => ({ amInterested: i < 5, peerChoking: true }));
    expect(whyStill(detail)).toBe("all 5 useful neighbours choke us");
  });

  it("says that those who could send do not", () => {
    const detail = withNeighbours(() => ({ amInterested: true, peerChoking: false, isSnubbed: true }));
    expect(whyStill(detail)).toBe("those who unchoke us send nothing");
  });

  it("claims nothing about neighbours that it does not see", () => {
    const detail = withNeighbours(() => ({ amInterested: true, peerChoking: true }));
    expect(whyStill({ ...detail, neighbourCount: detail.neighbours.length + 1 })).toBe("");
  });
});
