/** A private DHT of 55 nodes over real UDP, ours and libtorrent's mixed: everything that BEP 5, 33, 44 and 51 have, both ways. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../source/base/hex.ts";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { decode } from "../../source/bencode/decode.ts";
import { encode } from "../../source/bencode/encode.ts";
import { asText } from "../../source/bencode/value.ts";
import { type Item, immutableTarget, mutableTarget, signItem } from "../../source/discovery/dht/items.ts";
import type { NodeId } from "../../source/discovery/dht/node-id.ts";
import { findPeers, getItem, type PeersFound, putItem } from "../../source/discovery/dht/searches.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import type { LibtorrentDht } from "../support/clients/libtorrent-dht.ts";
import { ManagedProcess } from "../support/clients/managed-process.ts";
import { DhtSessions } from "../support/dht-sessions.ts";
import { RealDht } from "../support/real-dht.ts";
import { freePort } from "../support/real-ports.ts";
import { libtorrentProblem, missingPrograms, reasonToSkip } from "../support/requirements.ts";

const reason = reasonToSkip(libtorrentProblem());
const oursCount = 30;
const theirsCount = 25;
const none = new Uint8Array(0);
const utf8 = new TextEncoder();
const signatures = new NodeSignatures();

describe.skipIf(reason !== "")(`a private DHT with libtorrent ${reason}`, () => {
  let network: RealDht;
  let libtorrent: LibtorrentDht;

  beforeAll(async () => {
    network = await RealDht.start(oursCount, theirsCount);
    if (network.libtorrent === undefined) throw new Error("libtorrent is not there");
    libtorrent = network.libtorrent;
    await network.until("libtorrent's nodes know some others", async () => {
      const { counts } = await libtorrent.ask<{ readonly counts: readonly number[] }>({ do: "count" });
      return Math.min(...counts) >= 6;
    });
  });
  afterAll(async () => {
    await network?.stop();
  });

  const anyHash = () => new Uint8Array(randomBytes(20)) as NodeId;
  const addressOf = ({ endpoint }: { readonly endpoint: Endpoint }) => endpoint.address;

  function announce(node: number, infoHash: NodeId, port: number, isSeed = false): Promise<PeersFound> {
    return new Promise((onDone) => {
      const announcing = { port, isPortImplied: false, isSeed };
      findPeers(network.node(node), { infoHash, announce: announcing, onPeers: () => {}, onDone });
    });
  }

  function search(node: number, infoHash: NodeId): Promise<readonly string[]> {
    const found: string[] = [];
    return new Promise((resolve) => {
      const onPeers = (peers: readonly Endpoint[]) =>
        found.push(...peers.map(({ address, port }) => `${address}:${port}`));
      findPeers(network.node(node), { infoHash, onPeers, onDone: () => resolve(found) });
    });
  }

  it("comes to have nodes of both kinds in our tables", async () => {
    // One that is told of is asked first, and what is told first is not all there is.
    await network.until("each is in a table of ours", () => {
      const known = new Set(network.ours.flatMap((_, i) => network.node(i).table.contacts()).map(addressOf));
      const theirs = [...known].filter((address) => address.startsWith("127.45."));
      return theirs.length === theirsCount && known.size === theirsCount + oursCount;
    });
  });

  it("lets libtorrent find what we announce", async () => {
    for (let i = 0; i < 5; i++) {
      const infoHash = anyHash();
      const { announced } = await announce(5 * i, infoHash, 7000 + i);
      expect(announced).toBeGreaterThan(5);
      const hash = bytesToHex(infoHash);
      const { peers } = await libtorrent.ask<{ peers: string[] }>({ do: "peers", node: 4 * i, hash, seconds: 15 });
      expect(peers).toContain(`127.44.0.${5 * i + 1}:${7000 + i}`);
    }
  });

  it("lets us find what libtorrent announces", async () => {
    for (let i = 0; i < 5; i++) {
      const infoHash = anyHash();
      await libtorrent.ask({ do: "announce", node: 5 * i, hash: bytesToHex(infoHash) });
      const expected = `127.45.0.${5 * i + 1}:${network.port}`;
      await network.until(`we find ${expected}`, async () => (await search(3 * i + 1, infoHash)).includes(expected));
    }
  });

  it("counts a swarm, as nodes of both kinds tell it (BEP 33)", async () => {
    const infoHash = anyHash();
    for (let i = 0; i < 12; i++) await announce(i, infoHash, 9000, i < 4);
    const { seeds, leeches, sources } = (await network.ours[20]?.scrape(infoHash)) ?? {
      seeds: 0,
      leeches: 0,
      sources: 0,
    };
    expect(sources).toBeGreaterThan(4);
    expect([seeds, leeches]).toEqual([4, 8]);
  });

  it("keeps values that cannot change, for both (BEP 44)", async () => {
    const value = encode("what we have put");
    const stored = await new Promise<number>((done) =>
      putItem(network.node(1), { value, signed: undefined }, none, done),
    );
    expect(stored).toBeGreaterThan(5);
    const target = bytesToHex(immutableTarget(network.ports.hasher, value));
    expect(await libtorrent.ask({ do: "get", node: 7, target })).toEqual({ value: "what we have put" });

    const long = "what libtorrent has put ".repeat(35);
    const put = await libtorrent.ask<{ target: string; stored: number }>({ do: "put", node: 3, value: long });
    expect(put.stored).toBeGreaterThan(4);
    const found = await new Promise<Item | undefined>((done) =>
      getItem(network.node(9), hexToBytes(put.target) as NodeId, none, done),
    );
    expect(asText(decode(found?.value ?? none))).toBe(long);
  });

  it("keeps values that their author replaces, for both (BEP 44)", async () => {
    const seed = randomBytes(32);
    const keys = signatures.keyPair(seed);
    const salt = "the salt";
    const target = mutableTarget(network.ports.hasher, keys.publicKey, utf8.encode(salt));
    const put = (sequence: bigint, text: string) =>
      new Promise<number>((done) => {
        const item = signItem(keys, utf8.encode(salt), sequence, encode(text));
        putItem(network.node(2), item, utf8.encode(salt), done);
      });
    expect(await put(1n, "first")).toBeGreaterThan(5);
    expect(await put(2n, "second")).toBeGreaterThan(5);
    const known = { public: bytesToHex(keys.publicKey), salt };
    expect(await libtorrent.ask({ do: "get-signed", node: 11, ...known })).toEqual({ value: "second", sequence: 2 });

    // Its kind of private key: the hash of the seed, clamped (RFC 8032, 5.1.5).
    const expanded = createHash("sha512").update(seed).digest();
    expanded[0] = (expanded[0] ?? 0) & 248;
    expanded[31] = ((expanded[31] ?? 0) & 63) | 64;
    const theirs = { do: "put-signed", node: 12, private: expanded.toString("hex"), value: "third", ...known };
    expect(await libtorrent.ask<{ stored: number }>(theirs)).toMatchObject({ sequence: 3 });
    const found = await new Promise<Item | undefined>((done) =>
      getItem(network.node(17), target, utf8.encode(salt), done),
    );
    expect([asText(decode(found?.value ?? none)), found?.signed?.sequence]).toEqual(["third", 3n]);
  });

  it("lets libtorrent sample what we keep (BEP 51)", async () => {
    const keeper = network.ours.findIndex((_, i) => network.node(i).peers.hashCount > 0);
    const { peers } = network.node(keeper);
    const request = { do: "sample", node: 1, address: `127.44.0.${keeper + 1}`, port: network.port };
    const before = peers.hashCount;
    const { samples, count, interval } = await libtorrent.ask<{ samples: string[]; count: number; interval: number }>(
      request,
    );
    // The announces of the tests before may still be under way; what has been drawn stays.
    expect(count).toBeGreaterThanOrEqual(before);
    expect(count).toBeLessThanOrEqual(peers.hashCount);
    const drawn = peers.sample(20, network.ports.clock.nowMs()).hashes.map(bytesToHex);
    // Who has not shown yet that its address is its own is told fewer.
    expect(samples.length).toBeGreaterThan(0);
    expect(drawn).toEqual(expect.arrayContaining(samples));
    expect(interval).toBeGreaterThan(0);
  });

  it("is enough for a magnet link that names nothing: metadata and content come from a seed that it finds", async () => {
    const sessions = new DhtSessions(network);
    try {
      const seed = await sessions.start("127.46.0.1", true);
      const leech = await sessions.start("127.46.0.2", false);
      for (let round = 0; round < 3; round++) {
        const { infoHash, metainfo } = sessions.torrent(1_000_000);
        await seed.add(metainfo, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
        await network.until(
          "the seed is announced",
          () => (seed.dht.seeker.searchOf(infoHash)?.last?.announced ?? 0) > 0,
        );
        const link = { infoHash, name: "", trackers: [], webSeeds: [], peers: [], only: [] };
        await leech.magnets.add(link, { savePath: "/", startsPaused: false, choices: {} });
        await network.until("all is there", () => leech.torrents.get(infoHash)?.state === "seeding");
        expect(leech.torrents.get(infoHash)?.run?.swarm?.peers.countsBySource().get("dht")).toBeGreaterThan(0);
      }
    } finally {
      await sessions.stop();
    }
  });
});

const aria2Reason = reasonToSkip(missingPrograms("aria2c"));

describe.skipIf(aria2Reason !== "")(`aria2 ${aria2Reason}`, () => {
  it("finds a seed by our nodes alone, and is found by them", { retry: 1 }, async () => {
    const network = await RealDht.start(20, 0);
    const sessions = new DhtSessions(network);
    const home = mkdtempSync(join(tmpdir(), "p2p-dht-aria2-"));
    const ours = `${network.first.address}:${network.first.port}`;
    const port = await freePort();
    let aria2: ManagedProcess | undefined;
    try {
      const seed = await sessions.start("127.46.0.3", true);
      const { infoHash, metainfo } = sessions.torrent(1_000_000);
      await seed.add(metainfo, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
      await network.until(
        "the seed is announced",
        () => (seed.dht.seeker.searchOf(infoHash)?.last?.announced ?? 0) > 0,
      );
      aria2 = new ManagedProcess(
        "aria2",
        "aria2c",
        [
          ...["--enable-dht=true", `--dht-listen-port=${port}`, `--listen-port=${port}`, `--dht-entry-point=${ours}`],
          ...[`--dht-file-path=${home}/dht.dat`, "--interface=127.47.0.1", "--bt-enable-lpd=false", `--dir=${home}`],
          ...["--enable-peer-exchange=false", "--file-allocation=none", "--seed-time=10", "--quiet"],
          `magnet:?xt=urn:btih:${infoHash}`,
        ],
        { env: { HOME: home } },
      );
      const isThere = () => {
        const files = readdirSync(home);
        return files.includes("content") && !files.includes("content.aria2");
      };
      // It asks the DHT every half minute or so.
      await network.until("aria2 has everything", isThere, 200);
      const isFound = () =>
        new Promise<boolean>((resolve) => {
          const found: string[] = [];
          const onPeers = (peers: readonly Endpoint[]) => found.push(...peers.map(({ address }) => address));
          const hash = hexToBytes(infoHash) as NodeId;
          findPeers(network.node(7), { infoHash: hash, onPeers, onDone: () => resolve(found.includes("127.47.0.1")) });
        });
      await network.until("it is found", isFound);
    } finally {
      // It writes what it knows of the DHT into its folder as it ends.
      await aria2?.stop();
      await sessions.stop();
      await network.stop();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
