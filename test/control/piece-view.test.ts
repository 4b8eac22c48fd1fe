/** Pieces as they are shown, of real sessions on a network in memory. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineTarget } from "../../source/control/engine-target.ts";
import type { PieceDetail, PieceRow, TorrentDetail, TorrentTopic } from "../../source/control/protocol.ts";
import { parseEngineMessage } from "../../source/control/validate.ts";
import type { Session } from "../../source/engine/session.ts";
import { SessionWorld, type WorldTorrent } from "../support/session-world.ts";
import { torrentTopic } from "./fake-target.ts";

let world = new SessionWorld();
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

/** As it comes over the wire; `undefined` while its .torrent file is being read. */
function frameOf(session: Session, { infoHash }: WorldTorrent, more: Partial<TorrentTopic>) {
  const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
  const data = target.torrent({ ...torrentTopic(1), infoHash, ...more });
  if (data === undefined) return undefined;
  const message = { type: "frame", subscription: 1, frame: 1, data };
  expect(parseEngineMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
  return data.kind === "torrent" ? data.detail : undefined;
}

function detailOf(session: Session, torrent: WorldTorrent, more: Partial<TorrentTopic>): TorrentDetail {
  const detail = frameOf(session, torrent, more);
  if (detail === undefined) throw new Error("it is gone, or not ready");
  return detail;
}

function pieceOf(session: Session, torrent: WorldTorrent, index: number): PieceDetail {
  const { piece } = detailOf(session, torrent, { piece: index });
  if (piece === null) throw new Error(`there is no piece ${index}`);
  return piece;
}

const everything: Partial<TorrentTopic> = { cells: 20_000, rareRuns: 100, pieces: { offset: 0, limit: 500 } };

/** Window, map and detail say the same of every piece. */
function expectAgreement(session: Session, torrent: WorldTorrent): readonly PieceRow[] {
  const { pieces: map, pieceList, rarity } = detailOf(session, torrent, everything);
  const rows = pieceList?.rows ?? [];
  expect(rows).toHaveLength(Math.min(500, map.pieceCount));
  rows.forEach((row, index) => {
    expect(map.have[index]).toBe(row.state === "ours" ? 1 : 0);
    if (row.state === "active") expect(map.active[index]).toBe(1);
    expect(map.skipped[index] ?? 0).toBe(row.state === "skipped" ? 1 : 0);
    expect(map.minAvailability[index]).toBe(row.availability);
    const { state, length, availability, blocks, received, requested, ...detail } = pieceOf(session, torrent, index);
    expect({ state, length, availability, blocks, received, requested }).toEqual(row);
    expect(detail.holderCount).toBe(availability);
    expect(detail.blockStates).toHaveLength(blocks);
    const counted = (letter: string): number => detail.blockStates.split(letter).length - 1;
    expect([counted("r") + counted("o"), counted("a")]).toEqual([received, requested]);
    expect(detail.neighbours.reduce((sum, { asked }) => sum + asked, 0)).toBeGreaterThanOrEqual(requested);
  });
  const missing = rows.filter(({ state }) => state === "missing" || state === "active");
  const counted = missing.length > 0 ? missing : rows.filter(({ state }) => state === "ours");
  rarity?.copies.forEach((count, copies) => {
    expect(counted.filter(({ availability }) => availability === copies)).toHaveLength(count);
  });
  return rows;
}

describe("the pieces of a download", () => {
  it("are the same in the map, one by one, and each down to its blocks, all the way through", async () => {
    const torrent = world.torrent("film", 12_000_000, 262_144);
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 150_000 });
    const leech = await world.start("10.0.0.2");
    const other = await world.start("10.0.0.3");
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.add(other, torrent, [seed, leech]);
    const seen = new Set<string>();
    const codes = new Set<string>();
    const looked = leech.torrent(torrent.infoHash);
    while (looked.state !== "seeding") {
      await world.run(7);
      expectAgreement(leech, torrent).forEach(({ state }, index) => {
        seen.add(state);
        codes.add(pieceOf(leech, torrent, index).why.code);
      });
    }
    expect([...seen].sort()).toEqual(["active", "missing", "ours"]);
    expect([...codes]).toEqual(expect.arrayContaining(["active", "ours", "not-its-turn"]));
  });

  it("say of each block who sent it and who is asked for it", async () => {
    const torrent = world.torrent("film", 3_000_000, 524_288);
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 60_000 });
    const leech = await world.start("10.0.0.2");
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    const activeRow = () =>
      detailOf(leech, torrent, everything).pieceList?.rows.findIndex(
        ({ state, received, requested }) => state === "active" && received > 2 && requested > 2,
      ) ?? -1;
    await world.until(() => leech.torrent(torrent.infoHash).state === "downloading");
    await world.until(() => activeRow() >= 0);
    const piece = pieceOf(leech, torrent, activeRow());
    const [holder] = piece.neighbours;
    expect(holder).toMatchObject({ endpoint: "10.0.0.1:6881", hasPiece: true, peerChoking: false });
    expect([holder?.asked, holder?.sent]).toEqual([piece.requested, piece.received]);
    for (const [block, letter] of [...piece.blockStates].entries()) {
      expect(piece.blockPeers[block]).toBe(letter === "m" ? 0 : holder?.id);
    }
    expect(piece.why).toMatchObject({ code: "active" });
    expect(piece.why.sentence).toBe(`it is under way: ${piece.received} of 32 blocks are here`);
    expect(detailOf(leech, torrent, { piece: 6 }).piece).toBe(null);
    expect(detailOf(leech, torrent, {}).piece).toBe(null);
  });

  it("are told apart by their files; what is skipped is so in every view, also at rest", async () => {
    // The second file ends in the middle of piece 2, the third begins there.
    const torrent = world.torrent("set", 655_360, 65_536, undefined, [100_000, 60_000, 200_000, 0, 295_360]);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.0.0.2");
    await world.add(seed, torrent);
    await world.add(leech, torrent);
    const looked = leech.torrent(torrent.infoHash);
    await looked.change({ priorities: [{ file: 2, priority: "skip" }] });
    await world.until(() => looked.state === "downloading");
    const states = () => expectAgreement(leech, torrent).map(({ state }) => state);
    expect(
      states()
        .map((state) => state.charAt(0))
        .join(""),
    ).toBe("mmmssmmmmm");
    const list = detailOf(leech, torrent, { pieces: { offset: 2, limit: 2 } }).pieceList;
    expect(list?.files).toEqual([
      { path: "set/file 1", priority: "normal", first: 1, last: 2 },
      { path: "set/file 2", priority: "skip", first: 2, last: 5 },
    ]);
    expect(list?.rows).toHaveLength(2);
    expect(detailOf(leech, torrent, { pieces: { offset: 99, limit: 9 } }).pieceList?.rows).toEqual([]);
    expect(pieceOf(leech, torrent, 1)).toMatchObject({ fileCount: 2, why: { code: "lonely" } });
    expect(pieceOf(leech, torrent, 3)).toMatchObject({ fileCount: 1, why: { sentence: "its file is skipped" } });

    await looked.pause();
    await world.until(() => frameOf(leech, torrent, {}) !== undefined);
    expect(
      states()
        .map((state) => state.charAt(0))
        .join(""),
    ).toBe("mmmssmmmmm");
    expect(detailOf(leech, torrent, everything)).toMatchObject({
      pieces: { neighbours: null, rarest: { count: 8 } },
      rarity: { of: "missing", copies: [], runs: [] },
    });
    expect(pieceOf(leech, torrent, 1).why.sentence).toBe("the torrent is paused");

    await looked.resume();
    await world.until(() => looked.state === "downloading");
    looked.run?.addPeers([{ address: "10.0.0.1", port: 6881 }], "manual");
    await world.until(() => looked.state === "seeding");
    expect(
      states()
        .map((state) => state.charAt(0))
        .join(""),
    ).toBe("ooossooooo");
    expect(detailOf(leech, torrent, everything).rarity?.of).toBe("ours");
  });
});

describe("files", () => {
  it("say how many neighbours have the rarest of what they miss", async () => {
    const torrent = world.torrent("set", 655_360, 65_536, undefined, [100_000, 0, 555_360]);
    const seed = await world.start("10.0.0.1", { isSeed: true });
    const leech = await world.start("10.0.0.2", { maxDownRate: 20_000 });
    await world.add(seed, torrent);
    await world.add(leech, torrent);
    const files = () =>
      detailOf(leech, torrent, { files: { offset: 0, limit: 9 } }).files.map(({ availability }) => availability);
    await world.until(() => leech.torrent(torrent.infoHash).state === "downloading");
    expect(files()).toEqual([0, null, 0]);
    leech.torrent(torrent.infoHash).run?.addPeers([{ address: "10.0.0.1", port: 6881 }], "manual");
    await world.until(() => files()[0] === 1);
    expect(files()).toEqual([1, null, 1]);
    await leech.torrent(torrent.infoHash).pause();
    await world.until(() => frameOf(leech, torrent, {}) !== undefined);
    expect(files()).toEqual([null, null, null]);
  });
});

describe("the pieces of a seed", () => {
  it("say which only we have, who lacks what, and who will be complete when", async () => {
    const torrent = world.torrent("film", 12_000_000, 65_536);
    const seed = await world.start("10.0.0.1", { isSeed: true, maxUpRate: 80_000 });
    const leech = await world.start("10.0.0.2");
    await world.add(seed, torrent);
    await world.add(leech, torrent, [seed]);
    await world.run(60);
    const rows = expectAgreement(seed, torrent);
    const { rarity } = detailOf(seed, torrent, everything);
    const lacks = rows.filter(({ availability }) => availability === 0).length;
    expect(lacks).toBeGreaterThan(10);
    expect(rarity).toMatchObject({ of: "ours", copies: [lacks, rows.length - lacks], lackingCount: 1 });
    expect(rarity?.runs[0]).toMatchObject({ availability: 0, holders: [] });
    const [one] = rarity?.lacking ?? [];
    expect(one).toMatchObject({ lacks });
    // 65,536 bytes a piece at 80,000 bytes a second.
    expect((one?.seconds ?? 0) / ((lacks * 65_536) / 80_000)).toBeCloseTo(1, 0);
    const only = rarity?.runs[0]?.first ?? 0;
    expect(pieceOf(seed, torrent, only)).toMatchObject({
      neighbours: [{ hasPiece: false }],
      why: { code: "only-ours", sentence: "only we have it: 1 neighbour lacks it" },
    });
    const spread = rows.findIndex(({ availability }) => availability === 1);
    expect(pieceOf(seed, torrent, spread).why.sentence).toBe("it is ours, and nobody here lacks it");
  });
});
