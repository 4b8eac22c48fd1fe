/** One neighbour of a real swarm, spoken to message by message. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Bitfield } from "../../source/base/bitfield.ts";
import { ProtocolError } from "../../source/base/errors.ts";
import { peerIdFromBytes } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { MemoryStorage } from "../../source/storage/memory-storage.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import { Swarm } from "../../source/swarm/swarm.ts";
import { uploadQueueLimit, uploadQueueMax } from "../../source/swarm/upload-queue.ts";
import { WireDecoder } from "../../source/wire/decoder.ts";
import { encodeIndices, messageId } from "../../source/wire/messages.ts";
import { makeTorrent } from "../storage/torrents.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";
import { anyMessage, bitfieldLength } from "../wire/any-message.ts";
import { type Call, Recorder } from "../wire/recorder.ts";

const blockBytes = 16384;
const blocksPerPiece = 4;
// As many pieces as the random bitfields have bits.
const pieceCount = 8 * bitfieldLength;
const torrent = makeTorrent(blocksPerPiece * blockBytes, [{ length: pieceCount * blocksPerPiece * blockBytes }]);
const { geometry, metainfo } = torrent;

class Bench {
  readonly clock = new VirtualClock();
  readonly have: Bitfield;
  readonly storage: MemoryStorage;
  readonly swarm: Swarm;
  readonly bans: string[] = [];
  readonly logs: string[] = [];
  granted = true;
  wastedBytes = 0;
  uploadedBytes = 0;
  isComplete = false;

  constructor(have: "all" | readonly number[] = []) {
    this.have = have === "all" ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
    if (have !== "all") for (const piece of have) this.have.set(piece);
    const hasher = new NodeHasher();
    this.storage = new MemoryStorage({ hasher, clock: this.clock }, { metainfo, bytes: torrent.bytes.slice() });
    const options = { infoHash: metainfo.infoHash, geometry, have: this.have, regularSlots: 4, neighboursMax: 10 };
    const ports = { clock: this.clock, random: new SeededRandom(1), hasher };
    this.swarm = new Swarm(ports, options, this.storage, {
      wantPeers: () => undefined,
      limits: {
        grantUpload: () => this.granted,
        grantRequests: (_: Neighbour, count: number) => count,
        requestsUnused: () => {},
      },
      uploaded: (bytes) => {
        this.uploadedBytes += bytes;
      },
      downloaded: () => undefined,
      wasted: (bytes) => {
        this.wastedBytes += bytes;
      },
      pieceVerified: () => undefined,
      completed: () => {
        this.isComplete = true;
      },
      superSeeded: () => undefined,
      storageFailed: (error) => {
        throw error;
      },
      extended: () => undefined,
      log: (text) => this.logs.push(text),
    });
    this.storage
      .open({
        onPieceChecked: (piece, isRight) => this.swarm.pieceChecked(piece, isRight),
        onFailure: (error) => {
          throw error;
        },
        onRelieved: () => undefined,
      })
      .catch(() => undefined);
  }
}

/** The other side of one neighbour's line. */
class Peer {
  readonly neighbour: Neighbour;
  readonly #heard = new Recorder();
  closedFor: string | undefined;
  isRead = true;
  /** Bytes of the blocks of each run. */
  readonly sentInRuns: number[] = [];
  queuedBytes = 0;

  constructor(bench: Bench, id: number, hasFast: boolean) {
    const decoder = new WireDecoder(this.#heard, bitfieldLength);
    const link = {
      queuedBytes: 0,
      isReadingPaused: false,
      isOverLimit: false,
      send: (buffers: readonly Uint8Array[]) => {
        for (const buffer of buffers) decoder.feed(buffer);
      },
      setReading: (isReading: boolean) => {
        this.isRead = isReading;
      },
      sentBlocks: (bytes: number) => {
        this.sentInRuns.push(bytes);
      },
      close: (reason: string) => {
        this.closedFor = reason;
        bench.swarm.removeNeighbour(this.neighbour);
      },
    };
    const info = {
      id,
      endpoint: { address: `10.0.0.${id}`, port: 6881 },
      peerId: peerIdFromBytes(new Uint8Array(20).fill(id)),
      isIncoming: true,
      hasFast,
      hasExtensions: false,
    };
    this.neighbour = bench.swarm.addNeighbour(link, info, undefined);
  }

  /** What was said to it since it was last asked. */
  async heard(): Promise<Call[]> {
    await settle();
    return this.#heard.calls.splice(0);
  }

  async heardOf(name: string): Promise<Call[]> {
    return (await this.heard()).filter((call) => call[0] === name);
  }

  /** Says something in one read. */
  say(what: (neighbour: Neighbour) => void): void {
    what(this.neighbour);
    this.neighbour.onRunEnd();
  }

  /** Says that it has everything, and unchokes. @returns the blocks it is asked for. */
  async offer(): Promise<{ piece: number; begin: number }[]> {
    this.say((neighbour) => {
      neighbour.onHaveAll();
      neighbour.onUnchoke();
    });
    return (await this.heardOf("request")).map((call) => ({ piece: Number(call[1]), begin: Number(call[2]) }));
  }

  send({ piece, begin }: { piece: number; begin: number }): void {
    const offset = piece * geometry.pieceLength + begin;
    this.say((neighbour) => neighbour.onPiece(piece, begin, torrent.bytes.slice(offset, offset + blockBytes)));
  }
}

const open: Bench[] = [];

function bench(have: "all" | readonly number[] = []): Bench {
  const made = new Bench(have);
  open.push(made);
  return made;
}

afterEach(() => {
  for (const each of open.splice(0)) {
    each.swarm.close("done");
    expect(each.clock.pendingTimers).toBe(0);
  }
});

function expectRefused(code: string, act: () => void): void {
  expect(act).toThrow(expect.objectContaining({ name: "ProtocolError", code }));
}

describe("a neighbour that greets", () => {
  it.each<[string, "all" | readonly number[], boolean, string[]]>([
    ["have all, knowing fast", "all", true, ["haveAll"]],
    ["have none, knowing fast", [], true, ["haveNone"]],
    ["a bitfield for some, knowing fast", [1], true, ["bitfield"]],
    ["a bitfield for all, not knowing fast", "all", false, ["bitfield"]],
    ["nothing for nothing, not knowing fast", [], false, []],
  ])("says %s", async (_name, have, hasFast, expected) => {
    const peer = new Peer(bench(have), 1, hasFast);
    expect((await peer.heard()).map((call) => call[0])).toEqual(expected);
  });
});

describe("what we download", () => {
  it("is asked for only when we are interested and not choked", async () => {
    const peer = new Peer(bench(), 1, true);
    peer.say((neighbour) => neighbour.onUnchoke());
    expect(await peer.heard()).toEqual([["haveNone"]]);
    peer.say((neighbour) => neighbour.onHave(3));
    expect((await peer.heard()).map((call) => call[0])).toEqual([
      "interested",
      ...new Array<string>(4).fill("request"),
    ]);
  });

  it("is not asked for while choked, but for allowed fast pieces", async () => {
    const peer = new Peer(bench(), 1, true);
    peer.say((neighbour) => neighbour.onHaveAll());
    expect((await peer.heard()).map((call) => call[0])).toEqual(["haveNone", "interested"]);
    peer.say((neighbour) => neighbour.onAllowedFast(5));
    expect((await peer.heard()).map((call) => call.slice(0, 2))).toEqual(new Array(4).fill(["request", 5]));
  });

  it("stays verified, piece by piece, until it is whole", async () => {
    const made = bench();
    const peer = new Peer(made, 1, true);
    let asked = await peer.offer();
    for (let rounds = 0; rounds < 1000 && asked.length > 0; rounds++) {
      for (const block of asked) peer.send(block);
      asked = (await peer.heardOf("request")).map((call) => ({ piece: Number(call[1]), begin: Number(call[2]) }));
    }
    expect(made.have.isFull).toBe(true);
    expect(made.isComplete).toBe(true);
    expect(made.wastedBytes).toBe(0);
    expect(Math.max(...peer.sentInRuns)).toBeGreaterThan(0);
    expect(made.swarm.ledger.size).toBe(0);
    expect(peer.closedFor).toBe("both of us have everything");
  });

  it("is not taken for answered by an empty block behind a piece's end", async () => {
    const made = bench();
    const peer = new Peer(made, 1, true);
    const asked = await peer.offer();
    for (const { piece } of asked) {
      if (piece === 0) continue;
      peer.say((neighbour) => neighbour.onPiece(piece - 1, geometry.pieceLength, new Uint8Array(0)));
    }
    expect(peer.neighbour.pipeline.outstanding).toBe(asked.length);
    for (const active of made.swarm.ledger.pieces()) expect(active.receivedCount).toBe(0);
  });

  it("is given up when a neighbour without fast chokes, and asked for again when it unchokes", async () => {
    const made = bench();
    const peer = new Peer(made, 1, false);
    peer.say((neighbour) => {
      neighbour.onBitfield(Bitfield.full(pieceCount).bytes);
      neighbour.onUnchoke();
    });
    const before = await peer.heardOf("request");
    expect(before).toHaveLength(4);
    peer.say((neighbour) => neighbour.onChoke());
    expect(peer.neighbour.pipeline.outstanding).toBe(0);
    expect(await peer.heardOf("request")).toEqual([]);
    peer.say((neighbour) => neighbour.onUnchoke());
    expect(await peer.heardOf("request")).toEqual(before);
  });

  it("is awaited or rejected one by one where a neighbour with fast chokes (BEP 6)", async () => {
    const peer = new Peer(bench(), 1, true);
    const asked = await peer.offer();
    peer.say((neighbour) => neighbour.onChoke());
    expect(peer.neighbour.pipeline.outstanding).toBe(4);
    for (const { piece, begin } of asked) peer.say((neighbour) => neighbour.onReject(piece, begin, blockBytes));
    expect(peer.neighbour.pipeline.outstanding).toBe(0);
    expect(peer.closedFor).toBeUndefined();
    expect(await peer.heardOf("request")).toEqual([]);
  });

  it("is not asked for without end of one that unchokes and rejects everything", async () => {
    const peer = new Peer(bench(), 1, true);
    let asked = await peer.offer();
    let rejects = 0;
    const rejectAll = async () => {
      while (asked.length > 0 && rejects < 10_000) {
        for (const { piece, begin } of asked) {
          rejects++;
          peer.say((neighbour) => neighbour.onReject(piece, begin, blockBytes));
        }
        asked = (await peer.heardOf("request")).map((call) => ({ piece: Number(call[1]), begin: Number(call[2]) }));
      }
    };
    await expect(rejectAll()).rejects.toThrow(ProtocolError);
    expect(rejects).toBeLessThan(300);
  });

  it("is asked of others when one that alone might work on a piece takes its permission back", async () => {
    const made = bench();
    const choking = new Peer(made, 1, true);
    const other = new Peer(made, 2, true);
    choking.neighbour.isSuspect = true;
    choking.say((neighbour) => {
      neighbour.onHaveAll();
      neighbour.onAllowedFast(7);
    });
    expect(made.swarm.ledger.get(geometry.piece(7))?.owner).toBe(1);
    for (let block = 0; block < blocksPerPiece; block++) {
      choking.say((neighbour) => neighbour.onReject(7, block * blockBytes, blockBytes));
    }
    other.say((neighbour) => {
      neighbour.onHave(7);
      neighbour.onUnchoke();
    });
    expect((await other.heardOf("request")).map((call) => call[1])).toEqual([7, 7, 7, 7]);
  });

  it("is wasted, and at last refused, where nobody asked for it", () => {
    const made = bench();
    const peer = new Peer(made, 1, true);
    const send = () => peer.send({ piece: 2, begin: 0 });
    for (let i = 0; i < 256; i++) send();
    expect(made.wastedBytes).toBe(256 * blockBytes);
    // Nor is it read in longer parts for them.
    expect(Math.max(...peer.sentInRuns)).toBe(0);
    expectRefused("strikes", send);
  });

  it.each<[string, (neighbour: Neighbour) => void]>([
    ["have", (neighbour) => neighbour.onHave(pieceCount)],
    ["piece", (neighbour) => neighbour.onPiece(pieceCount, 0, new Uint8Array(1))],
    ["reject", (neighbour) => neighbour.onReject(0xffffffff, 0, 1)],
    ["request", (neighbour) => neighbour.onRequest(pieceCount, 0, 1)],
    ["cancel", (neighbour) => neighbour.onCancel(pieceCount, 0, 1)],
    ["suggestion", (neighbour) => neighbour.onSuggestPiece(pieceCount)],
  ])("names a piece that there is: a %s beyond is refused", (_name, act) => {
    const peer = new Peer(bench(), 1, true);
    expectRefused("bad-piece", () => act(peer.neighbour));
  });

  it("may be offered in allowed fast messages for pieces that there are not", () => {
    const peer = new Peer(bench(), 1, true);
    peer.say((neighbour) => {
      for (let piece = 0; piece < 5000; piece++) neighbour.onAllowedFast(piece);
    });
    expect(peer.neighbour.allowedToUs.size).toBeLessThanOrEqual(64);
  });

  it("is not offered in messages of an extension that was not agreed on", () => {
    const peer = new Peer(bench(), 1, false);
    const { neighbour } = peer;
    for (const act of [
      () => neighbour.onHaveAll(),
      () => neighbour.onHaveNone(),
      () => neighbour.onReject(0, 0, blockBytes),
      () => neighbour.onSuggestPiece(0),
      () => neighbour.onAllowedFast(0),
    ]) {
      expectRefused("no-fast", act);
    }
  });

  it("is refused in a bitfield of a wrong length", () => {
    const peer = new Peer(bench(), 1, true);
    expectRefused("bad-bitfield", () => peer.neighbour.onBitfield(new Uint8Array(bitfieldLength + 1)));
  });
});

describe("what we upload", () => {
  async function unchokedPeer(made: Bench, hasFast = true): Promise<Peer> {
    const peer = new Peer(made, 1, hasFast);
    peer.say((neighbour) => neighbour.onInterested());
    expect((await peer.heardOf("unchoke")).length).toBe(1);
    return peer;
  }

  it("comes as it was asked for, while unchoked", async () => {
    const peer = await unchokedPeer(bench("all"));
    peer.say((neighbour) => {
      neighbour.onRequest(3, 100, 1000);
      neighbour.onRequest(1, 0, blockBytes);
    });
    const pieces = await peer.heardOf("piece");
    expect(pieces.map((call) => call.slice(0, 3))).toEqual([
      ["piece", 3, 100],
      ["piece", 1, 0],
    ]);
    const offset = 3 * geometry.pieceLength + 100;
    expect(pieces[0]?.[3]).toBe(Buffer.from(torrent.bytes.subarray(offset, offset + 1000)).toString("hex"));
  });

  it("is rejected while choked, where we lack the piece, and without fast met by silence", async () => {
    const choked = new Peer(bench("all"), 1, true);
    choked.say((neighbour) => neighbour.onRequest(3, 0, blockBytes));
    expect(await choked.heard()).toEqual([["haveAll"], ["rejectRequest", 3, 0, blockBytes]]);
    const lacking = await unchokedPeer(bench([1, 2]));
    lacking.say((neighbour) => neighbour.onRequest(3, 0, blockBytes));
    expect(await lacking.heard()).toEqual([["rejectRequest", 3, 0, blockBytes]]);
    const old = new Peer(bench("all"), 1, false);
    await old.heard();
    old.say((neighbour) => neighbour.onRequest(3, 0, blockBytes));
    expect(await old.heard()).toEqual([]);
  });

  it.each([
    ["nothing", 0, 0],
    ["more than 128 KiB", 0, 128 * 1024 + 1],
    ["bytes behind the piece's end", blocksPerPiece * blockBytes - 1, 2],
    ["what begins behind the piece's end", blocksPerPiece * blockBytes, 1],
    ["what ends beyond 4 GiB", 0xffffffff, 0xffffffff],
  ])("is refused where it is %s", async (_name, begin, length) => {
    const peer = await unchokedPeer(bench("all"));
    expectRefused("bad-request", () => peer.neighbour.onRequest(0, begin, length));
  });

  it("is told of what waits to be announced as soon as it wants nothing else", async () => {
    const peer = new Peer(bench([1]), 1, true);
    await peer.heard();
    peer.neighbour.peerInterested = true;
    peer.neighbour.announceLater(encodeIndices(messageId.have, [geometry.piece(1)]));
    expect(await peer.heard()).toEqual([]);
    peer.say((neighbour) => neighbour.onNotInterested());
    expect(await peer.heard()).toEqual([["have", 1]]);
  });

  it("is rejected, all that waits, when we choke; a cancelled request is, too", async () => {
    const made = bench("all");
    const peer = await unchokedPeer(made);
    made.granted = false;
    peer.say((neighbour) => {
      for (const begin of [0, 1, 2]) neighbour.onRequest(4, begin * blockBytes, blockBytes);
      neighbour.onCancel(4, blockBytes, blockBytes);
    });
    expect(await peer.heard()).toEqual([["rejectRequest", 4, blockBytes, blockBytes]]);
    peer.neighbour.setChoke(true);
    expect(await peer.heard()).toEqual([
      ["choke"],
      ["rejectRequest", 4, 0, blockBytes],
      ["rejectRequest", 4, 2 * blockBytes, blockBytes],
    ]);
    made.granted = true;
    peer.neighbour.serveUploads();
    expect(await peer.heard()).toEqual([]);
    expect(made.uploadedBytes).toBe(0);
  });

  it("goes to a newcomer with fast though choked, for allowed pieces that we have", async () => {
    const made = bench("all");
    const peer = new Peer(made, 1, true);
    peer.say((neighbour) => neighbour.onHaveNone());
    const allowed = (await peer.heardOf("allowedFast")).map((call) => Number(call[1]));
    expect(allowed).toHaveLength(10);
    const [piece = 0] = allowed;
    peer.say((neighbour) => neighbour.onRequest(piece, 0, blockBytes));
    expect((await peer.heard()).map((call) => call[0])).toEqual(["piece"]);
  });

  it("is asked for by a fast neighbour up to the queue's end, and rejected beyond", async () => {
    const made = bench("all");
    const peer = await unchokedPeer(made);
    made.granted = false;
    const ask = (count: number, from = 0) =>
      peer.say((neighbour) => {
        for (let i = from; i < from + count; i++) neighbour.onRequest(i % pieceCount, Math.floor(i / pieceCount), 1);
      });
    ask(uploadQueueMax);
    expect(peer.neighbour.uploads.length).toBe(uploadQueueMax);
    expect(await peer.heardOf("rejectRequest")).toEqual([]);
    ask(5, uploadQueueMax);
    expect(await peer.heardOf("rejectRequest")).toHaveLength(5);
    expect(peer.neighbour.uploads.length).toBe(uploadQueueMax);
  });

  it("is not read from while its queue is full, and read again when half is served or all is dropped", async () => {
    const made = bench("all");
    const peer = await unchokedPeer(made, false);
    const fill = () => {
      made.granted = false;
      peer.say((neighbour) => {
        for (let i = 0; i < uploadQueueMax; i++) neighbour.onRequest(i % pieceCount, Math.floor(i / pieceCount), 1);
      });
    };
    fill();
    expect(peer.isRead).toBe(false);
    made.granted = true;
    peer.neighbour.serveUploads();
    expect(peer.isRead).toBe(true);
    fill();
    expect(peer.isRead).toBe(false);
    peer.neighbour.setChoke(true);
    expect(peer.isRead).toBe(true);
  });

  it("is refused to one that floods us with more than any reader could want", async () => {
    const made = bench("all");
    const peer = await unchokedPeer(made, false);
    made.granted = false;
    expectRefused("flood", () => {
      for (let i = 0; i <= uploadQueueLimit; i++) {
        peer.neighbour.onRequest(i % pieceCount, Math.floor(i / pieceCount), 1);
      }
    });
  });
});

describe("time", () => {
  it("brings a keep-alive before two minutes of our silence, and the end after three of its own", async () => {
    const made = bench("all");
    const peer = new Peer(made, 1, true);
    await peer.heard();
    const calls: Call[] = [];
    for (let second = 0; second < 200 && peer.closedFor === undefined; second++) {
      made.clock.advance(1000);
      made.swarm.tick();
      calls.push(...(await peer.heard()));
    }
    expect(calls).toEqual([["keepAlive"]]);
    expect(peer.closedFor).toBe("it was silent for three minutes");
    expect(made.clock.nowMs()).toBe(181_000);
    expect(made.swarm.neighbours.size).toBe(0);
  });
});

describe("a neighbour under fuzzing", () => {
  it("takes or refuses any sequence of messages, and the swarm's books stay right", async () => {
    const message = fc.oneof(
      anyMessage,
      // Such as are nearly right.
      fc
        .tuple(
          fc.constantFrom(6, 8, 16, 7),
          fc.nat({ max: pieceCount }),
          fc.constantFrom(0, 1, 2, 3, 4),
          fc.constantFrom(0, 1, blockBytes),
        )
        .map(([id, piece, block, length]) => ({ id, piece, begin: block * blockBytes, length })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(message, { maxLength: 8 }), { maxLength: 25 }),
        fc.boolean(),
        fc.subarray([0, 1, 2, 3, 50, 100]),
        async (turns, hasFast, have) => {
          const made = new Bench(have);
          const peer = new Peer(made, 1, hasFast);
          const other = new Peer(made, 2, true);
          await other.offer();
          const decoder = new WireDecoder(peer.neighbour, bitfieldLength);
          try {
            for (const turn of turns) {
              for (const each of turn) {
                if ("bytes" in each) decoder.feed(each.bytes);
                else if (each.id === 6) peer.say((n) => n.onRequest(each.piece, each.begin, each.length));
                else if (each.id === 8) peer.say((n) => n.onCancel(each.piece, each.begin, each.length));
                else if (each.id === 16) peer.say((n) => n.onReject(each.piece, each.begin, each.length));
                else peer.say((n) => n.onPiece(each.piece, each.begin, new Uint8Array(each.length)));
              }
              made.clock.advance(700);
              made.swarm.tick();
              await settle();
            }
          } catch (error) {
            if (!(error instanceof ProtocolError)) throw error;
            if (made.swarm.neighbours.has(1)) peer.neighbour.close(error.message);
          }
          // Every block that is asked for is asked of somebody who is there.
          const asked = new Map<string, number>();
          for (const neighbour of made.swarm.neighbours.values()) {
            for (const active of made.swarm.ledger.pieces()) {
              for (let block = 0; block < active.blockCount; block++) {
                if (!neighbour.hasRequested(made.swarm.ledger.keyOf(active.piece, block))) continue;
                const key = `${active.piece}.${block}`;
                asked.set(key, (asked.get(key) ?? 0) + 1);
              }
            }
          }
          for (const active of made.swarm.ledger.pieces()) {
            expect(made.have.has(active.piece)).toBe(false);
            for (let block = 0; block < active.blockCount; block++) {
              expect(active.requesters[block]).toBe(asked.get(`${active.piece}.${block}`) ?? 0);
            }
          }
          for (let piece = 0; piece < pieceCount; piece++) {
            const having = [...made.swarm.neighbours.values()].filter((neighbour) => neighbour.field.has(piece));
            expect(made.swarm.availability.of(piece)).toBe(having.length);
          }
          made.swarm.close("done");
          expect(made.clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
