/** Who comes, under which name, how often and how slowly (HOSTILE B7, B14, B15). */
import { createServer } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { encode } from "../../source/bencode/encode.ts";
import { messageId } from "../../source/wire/messages.ts";
import { Arena, type Player, randomPeerId } from "../support/arena.ts";
import { type RawPeer, rawHandshake, rawMessage } from "../support/hostile-peer.ts";
import { playSeed, spoiltBlock } from "../support/hostile-seed.ts";

let arena: Arena;

beforeEach(() => {
  arena = new Arena();
});
afterEach(() => arena.close());

const unknownHash = infoHashFromHex("00112233445566778899aabbccddeeff00112233");

/** The good seed is dialled by the leech, and the download is right. */
async function finish(leech: Player, seed: Player): Promise<void> {
  arena.introduce(leech, seed.endpoint);
  await leech.complete;
  expect(arena.verdict(leech, seed)).toEqual([]);
}

async function dialMany(to: Player, count: number, from: (i: number) => string): Promise<RawPeer[]> {
  return await Promise.all(Array.from({ length: count }, (_, i) => arena.dial(to.endpoint, from(i))));
}

describe("shaking hands", () => {
  it("says nothing to who asks for a torrent that is not there", async () => {
    const seed = await arena.seed("127.0.1.1");
    const peer = await arena.dial(seed.endpoint, "127.0.66.1");
    peer.shake({ infoHash: unknownHash, peerId: randomPeerId() });
    await peer.closed;
    expect(peer.bytesReceived).toBe(0);
  });

  it("says nothing to who does not speak BitTorrent, and goes at the first wrong byte", async () => {
    const seed = await arena.seed("127.0.1.1");
    for (const bytes of ["G", "\x13BitTorrent protocoL", "\x14", "\0".repeat(68)]) {
      const peer = await arena.dial(seed.endpoint, "127.0.66.1");
      peer.send(Buffer.from(bytes, "latin1"));
      await peer.closed;
      expect(peer.bytesReceived).toBe(0);
    }
  });

  it("leaves who answers a dial with another torrent, garbage, or a half", async () => {
    const seed = await arena.seed("127.0.1.1");
    const leech = await arena.leech("127.0.2.1");
    const scripts: ((peer: RawPeer) => void)[] = [
      (peer) => peer.shake({ infoHash: unknownHash, peerId: randomPeerId() }),
      (peer) => peer.send(new Uint8Array(1000)),
      (peer) => peer.socket.end(rawHandshake({ infoHash: arena.infoHash, peerId: randomPeerId() }).subarray(0, 40)),
      (peer) => peer.reset(),
    ];
    const ended: Promise<void>[] = [];
    for (const [i, script] of scripts.entries()) {
      const met = Promise.withResolvers<void>();
      const listener = await arena.listen(`127.0.66.${1 + i}`, (peer) => {
        script(peer);
        met.resolve(peer.closed);
      });
      ended.push(met.promise);
      arena.introduce(leech, listener.endpoint);
    }
    await Promise.all(ended);
    expect(leech.torrent.swarm?.neighbours.size).toBe(0);
    await finish(leech, seed);
  });

  it("takes a handshake that comes byte by byte", async () => {
    const leech = await arena.leech("127.0.2.1");
    const peer = await arena.dial(leech.endpoint, "127.0.66.1");
    for (const byte of rawHandshake({ infoHash: arena.infoHash, peerId: randomPeerId() })) {
      await peer.push(new Uint8Array([byte]));
    }
    expect(await peer.untilHandshake()).toBe(true);
  });

  it("drops those that take their time, whatever part they have sent", async () => {
    const leech = await arena.leech("127.0.2.1", { speed: 40 });
    const handshake = rawHandshake({ infoHash: arena.infoHash, peerId: randomPeerId() });
    const peers = await dialMany(leech, 5, (i) => `127.0.66.${1 + i}`);
    for (const [i, length] of [0, 1, 20, 48, 67].entries()) peers[i]?.send(handshake.subarray(0, length));
    const dripper = await arena.dial(leech.endpoint, "127.0.66.6");
    let at = 0;
    // A byte a second of the leech's time: never slower than what an idle limit would allow.
    const dripping = setInterval(() => dripper.send(handshake.subarray(at, ++at)), 25);
    await Promise.all([...peers, dripper].map((peer) => peer.closed));
    clearInterval(dripping);
    expect(leech.session.connectionCount).toBe(0);
  });

  for (const stage of ["at once", "after half a handshake", "after the handshake", "while blocks come"] as const) {
    it(`a reset ${stage} leaves nothing behind`, async () => {
      const seed = await arena.seed("127.0.1.1");
      for (let i = 0; i < 50; i++) {
        const peer = await arena.dial(seed.endpoint, "127.0.66.1");
        const handshake = rawHandshake({ infoHash: arena.infoHash, peerId: randomPeerId() });
        if (stage === "after half a handshake") await peer.push(handshake.subarray(0, 30));
        if (stage === "after the handshake" || stage === "while blocks come") {
          peer.send(handshake);
          await peer.untilHandshake();
        }
        if (stage === "while blocks come") {
          peer.send(rawMessage(messageId.interested));
          await peer.untilMessage(messageId.unchoke);
          const bytes = Buffer.alloc(12);
          bytes.writeUInt32BE(16384, 8);
          for (let piece = 0; piece < 32; piece++) {
            bytes.writeUInt32BE(piece, 0);
            peer.send(rawMessage(messageId.request, bytes));
          }
          await peer.untilMessage(messageId.piece);
        }
        peer.reset();
        await peer.closed;
      }
      const leech = await arena.leech("127.0.2.1");
      await finish(leech, seed);
      // The leech is the one that is left, until both know that both have everything.
      expect(seed.session.connectionCount).toBeLessThanOrEqual(1);
    });
  }
});

describe("crowds", () => {
  it("silent connections from one address keep no honest leech from a seed", async () => {
    const seed = await arena.seed("127.0.1.1");
    const crowd = await dialMany(seed, 400, () => "127.0.66.1");
    const leech = await arena.leech("127.0.2.1");
    await finish(leech, seed);
    for (const peer of crowd) peer.close();
  });

  it("silent connections from many addresses keep no honest leech from a seed", async () => {
    const seed = await arena.seed("127.0.1.1");
    const crowd = await dialMany(seed, 400, (i) => `127.0.${66 + Math.floor(i / 200)}.${1 + (i % 200)}`);
    const leech = await arena.leech("127.0.2.1");
    await finish(leech, seed);
    for (const peer of crowd) peer.close();
  });

  it("a thousand connections one after another cost nothing that lasts", async () => {
    const seed = await arena.seed("127.0.1.1");
    for (let round = 0; round < 10; round++) {
      const crowd = await dialMany(seed, 100, () => "127.0.66.1");
      for (const peer of crowd) peer.reset();
      await Promise.all(crowd.map((peer) => peer.closed));
    }
    const leech = await arena.leech("127.0.2.1");
    await finish(leech, seed);
  });

  it("one address with a hundred names that all want to download keeps no honest leech from a seed", async () => {
    const seed = await arena.seed("127.0.1.1", { speed: 20 });
    const crowd = await dialMany(seed, 100, () => "127.0.66.1");
    for (const peer of crowd) {
      peer.shake({ infoHash: arena.infoHash, peerId: randomPeerId() });
      peer.send(rawMessage(messageId.interested));
    }
    await Promise.all(crowd.map((peer) => peer.untilHandshake()));
    const leech = await arena.leech("127.0.2.1", { peers: [] });
    await finish(leech, seed);
    for (const peer of crowd) peer.close();
  });

  it("a hundred names that come to a leech and give nothing keep it from no seed", async () => {
    const seed = await arena.seed("127.0.1.1");
    const leech = await arena.leech("127.0.2.1");
    const crowd = await dialMany(leech, 100, (i) => `127.0.66.${1 + i}`);
    for (const peer of crowd) playSeed(arena, peer, { unchokes: false });
    await Promise.all(crowd.map((peer) => peer.untilHandshake()));
    await finish(leech, seed);
    for (const peer of crowd) peer.close();
  });

  it("dials few of a thousand dead addresses at a time, and the living one among them", async () => {
    const seed = await arena.seed("127.0.1.1");
    const leech = await arena.leech("127.0.2.1");
    const dead = Array.from({ length: 5000 }, (_, i) => ({ address: `127.1.${i >> 8}.${i & 255}`, port: 9 }));
    const swarm = leech.torrent.swarm;
    let most = 0;
    const tick = setInterval(() => {
      most = Math.max(most, leech.session.connectionCount);
    }, 1);
    leech.torrent.run?.addPeers([...dead.slice(0, 900), seed.endpoint, ...dead.slice(900)], "tracker");
    expect(swarm?.peers.size).toBeLessThanOrEqual(2000);
    await leech.complete;
    clearInterval(tick);
    expect(most).toBeLessThanOrEqual(17);
    expect(arena.verdict(leech, seed)).toEqual([]);
  });

  it("listeners that accept and say nothing hold the dials for a while only", async () => {
    const seed = await arena.seed("127.0.1.1");
    const leech = await arena.leech("127.0.2.1", { speed: 40 });
    const mute = await Promise.all(Array.from({ length: 40 }, (_, i) => arena.listen(`127.0.66.${1 + i}`, () => {})));
    arena.introduce(leech, ...mute.map((listener) => listener.endpoint));
    await finish(leech, seed);
  });
});

describe("a tracker", () => {
  it("that names 5,000 dead addresses and our own is asked again, however many strangers came to us", async () => {
    const asked: URL[] = [];
    let isCrowded = false;
    let own = 0;
    let living = 0;
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      // The seed is told of nobody: it may come by itself, and outrank a stranger.
      const isLeech = url.searchParams.get("port") === String(own);
      if (isLeech) asked.push(url);
      const ports = [9, own, 9, living];
      const peers = Buffer.alloc(6 * 5000);
      for (let i = 0; i < 5000; i++) {
        const isLast = i >= 900 && i < 904;
        peers.set(isLast ? [127, 0, i < 902 ? 2 : 1, 1] : [127, 1, i >> 8, i & 255], 6 * i);
        peers.writeUInt16BE((isLast ? ports[i - 900] : 9) ?? 9, 6 * i + 4);
      }
      // As long as there is room for everybody it names nobody.
      response.end(
        encode({ interval: 60, "min interval": 30, peers: isCrowded && isLeech ? peers : new Uint8Array(0) }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const tracked = new Arena({ tracker: `http://127.0.0.1:${port}/announce` });
    try {
      const seed = await tracked.seed("127.0.1.1");
      living = seed.endpoint.port;
      const leech = await tracked.leech("127.0.2.1", { speed: 60 });
      own = leech.endpoint.port;
      const crowd = await dialMany(leech, 70, (i) => `127.0.66.${1 + i}`);
      for (const peer of crowd) playSeed(tracked, peer, { unchokes: false });
      await Promise.all(crowd.map((peer) => Promise.race([peer.untilHandshake(), peer.closed])));
      isCrowded = true;
      asked.length = 0;
      await leech.complete;
      // The seed announces there, too.
      const first = asked.find(({ searchParams }) => Number(searchParams.get("port")) === own);
      expect(Number(first?.searchParams.get("numwant"))).toBeGreaterThan(0);
      expect(tracked.verdict(leech, seed)).toEqual([]);
      for (const peer of crowd) peer.close();
    } finally {
      await tracked.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("names", () => {
  it("we do not become our own neighbour, and forget the address that led to us", async () => {
    const seed = await arena.seed("127.0.1.1");
    const leech = await arena.leech("127.0.2.1");
    // As a router does for an address that others see us at.
    const detour = await arena.listen("127.0.66.1", (peer) => {
      const back = connect({ host: leech.endpoint.address, port: leech.endpoint.port });
      peer.socket.pipe(back).pipe(peer.socket);
      back.on("error", () => {});
      peer.socket.on("close", () => back.destroy());
    });
    const listed = () => leech.torrent.swarm?.peers.get(detour.endpoint);
    arena.introduce(leech, detour.endpoint);
    expect(listed()).toBeDefined();
    while (detour.connectionCount === 0) await new Promise((resolve) => setImmediate(resolve));
    await detour.peers[0]?.closed;
    while (leech.session.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(listed()).toBeUndefined();
    expect(leech.lines.filter((line) => line.includes("left"))).toEqual([]);
    await finish(leech, seed);
  });

  it("we do not dial where we listen", async () => {
    const leech = await arena.leech("127.0.2.1");
    leech.torrent.run?.addPeers([leech.endpoint], "tracker");
    expect(leech.torrent.swarm?.peers.size).toBe(0);
  });

  it("nobody comes in under our own name", async () => {
    const seed = await arena.seed("127.0.1.1");
    const peer = await arena.dial(seed.endpoint, "127.0.66.1");
    peer.shake({ infoHash: arena.infoHash, peerId: seed.session.peerId });
    await peer.closed;
  });

  it("the same name twice is one neighbour", async () => {
    const seed = await arena.seed("127.0.1.1");
    const peerId = randomPeerId();
    const [first, second] = await dialMany(seed, 2, () => "127.0.66.1");
    first?.shake({ infoHash: arena.infoHash, peerId });
    expect(await first?.untilHandshake()).toBe(true);
    second?.shake({ infoHash: arena.infoHash, peerId });
    await second?.closed;
    expect(first?.isClosed).toBe(false);
    expect(seed.torrent.swarm?.neighbours.size).toBe(1);
  });

  it("who borrows the good seed's name does not take its place, before it or after", async () => {
    const seed = await arena.seed("127.0.1.1", { maxUpRate: 4_000_000 });
    const leech = await arena.leech("127.0.2.1");
    const borrow = async (from: string): Promise<RawPeer> => {
      const borrower = await arena.dial(leech.endpoint, from);
      playSeed(arena, borrower, { peerId: seed.session.peerId, answer: () => [] });
      return borrower;
    };
    await (await borrow("127.0.66.1")).untilMessage(messageId.request);
    arena.introduce(leech, seed.endpoint);
    while (leech.torrent.have.isEmpty) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 2; i <= 20; i++) await (await borrow(`127.0.66.${i}`)).closed;
    await leech.complete;
    expect(arena.verdict(leech, seed)).toEqual([]);
  });

  it("who poisons under the good seed's name gets himself banned, not the good seed", async () => {
    const seed = await arena.seed("127.0.1.1");
    const leech = await arena.leech("127.0.2.1");
    const borrower = await arena.dial(leech.endpoint, "127.0.66.1");
    playSeed(arena, borrower, {
      peerId: seed.session.peerId,
      answer: ({ piece, begin, length }) => [spoiltBlock(arena, piece, begin, length)],
    });
    await leech.untilLine(/^banned 127\.0\.66\.1/);
    await finish(leech, seed);
  });
});
