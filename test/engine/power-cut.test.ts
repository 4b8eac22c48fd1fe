/**
 * The real engine on a disk that loses power, or whose process is killed, at any change to the disk: after each restart the list is
 * as the last answers said, and no piece is believed to be there that is not. Every run follows from its number.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { formatEndpoint } from "../../source/base/ip-address.ts";
import { randomBelow, SeededRandom } from "../../source/base/random.ts";
import { encode } from "../../source/bencode/encode.ts";
import { connectClient } from "../../source/control/client.ts";
import { ControlServer } from "../../source/control/control-server.ts";
import type { EngineClient } from "../../source/control/engine-client.ts";
import { EngineTarget } from "../../source/control/engine-target.ts";
import { memoryChannel } from "../../source/control/memory-channel.ts";
import { ProfileStore } from "../../source/engine/profile/profile-store.ts";
import { Session } from "../../source/engine/session.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import type { Ports } from "../../source/ports/ports.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { MemoryStorage } from "../../source/storage/memory-storage.ts";
import { makeTorrent, type Torrent } from "../storage/torrents.ts";
import { ListModel, type ModelTorrent } from "../support/list-model.ts";
import { realPorts } from "../support/real-ports.ts";
import { sessionOptions } from "../support/session-parts.ts";
import { VirtualDisk } from "../support/virtual-disk.ts";

const crashes = Number(process.env["CRASHES"] ?? 60);
const pieceLength = 16_384;
const clock = new NodeClock();
const hasher = new NodeHasher();
const version = "0.0.0";

const portsOn = (files: VirtualDisk, seed: number): Ports =>
  realPorts({ clock, random: new SeededRandom(seed), files });

/** A torrent with a .torrent file of its own name, so that each has another info hash. */
function torrentFile(name: string, torrent: Torrent): Uint8Array {
  const files = torrent.metainfo.files.map(({ length }, index) => ({ length, path: [`file ${index}`] }));
  const pieces = torrent.metainfo.pieceHashes;
  return encode({ info: { files, name, "piece length": pieceLength, pieces } });
}

/** One life of the engine. */
class Life {
  readonly disk: VirtualDisk;
  readonly session: Session;
  readonly warnings: string[] = [];
  readonly #server: ControlServer;

  constructor(disk: VirtualDisk, boot: number) {
    const ports = portsOn(disk, boot);
    this.disk = disk;
    const store = new ProfileStore(ports, {
      folder: "/profile/torrents",
      kind: "list",
      bootId: `boot ${boot}`,
      warn: (message) => this.warnings.push(message),
    });
    const records = { files: disk, folder: "/profile", warn: (message: string) => this.warnings.push(message) };
    this.session = new Session(
      ports,
      sessionOptions({
        profile: "/profile",
        store,
        records,
        makeStorage: (metainfo, savePath) => new FileStorage(ports, { metainfo, savePath }),
      }),
    );
    const target = new EngineTarget(this.session, { shutdown: () => {}, stay: () => {}, settings: undefined });
    this.#server = new ControlServer(ports, target, { version, profile: "/profile", pid: 1 });
  }

  connect(): Promise<EngineClient> {
    const { client, engine } = memoryChannel();
    this.#server.attach(engine);
    return connectClient({ clock }, client, { version });
  }

  async end(): Promise<void> {
    await this.session.stop();
    this.#server.close();
  }
}

const large = makeTorrent(pieceLength, [{ length: 3_000_001 }, { length: 5 }, { length: 900_000 }], 1);
const largeFile = torrentFile("large", large);
const largeMetainfo = parseMetainfo(largeFile, hasher);
const seedPorts = portsOn(new VirtualDisk({ clock }), 1);
const seed = new Session(
  seedPorts,
  sessionOptions({
    profile: "/profile",
    makeStorage: (metainfo) => new MemoryStorage(seedPorts, { metainfo, bytes: large.bytes }),
  }),
);
const torrents: ModelTorrent[] = [];
beforeAll(async () => {
  await seed.start();
  await seed.add(largeFile, { savePath: "/", isPaused: false, peers: [], mustCheck: false });
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const peers = seed.listening === undefined ? [] : [formatEndpoint(seed.listening)];
  const { infoHash } = largeMetainfo;
  torrents.push({ infoHash, metainfo: base64(largeFile), name: "large", fileCount: 3, peers, isKept: true });
  for (let i = 0; i < 6; i++) {
    const bytes = torrentFile(`small ${i}`, makeTorrent(pieceLength, [{ length: 20_000 }, { length: 9 }], 2 + i));
    const { infoHash } = parseMetainfo(bytes, hasher);
    torrents.push({ infoHash, metainfo: base64(bytes), name: `small ${i}`, fileCount: 2, peers: [], isKept: false });
  }
});
afterAll(() => seed.stop());

/** Pieces that the engine believes to have, and the disk does not. */
function falsePieces(life: Life): number[] {
  const torrent = life.session.torrents.get(largeMetainfo.infoHash);
  if (torrent === undefined) return [];
  const files = life.disk.snapshot();
  const found = Buffer.alloc(large.bytes.length);
  for (const { path, offset } of largeMetainfo.files) {
    const text = files.get(`${torrent.savePath}/${path.join("/")}`);
    if (text !== undefined) found.write(text, offset, "latin1");
  }
  const wrong: number[] = [];
  for (let piece = 0; piece < torrent.have.length; piece++) {
    const begin = piece * pieceLength;
    const end = Math.min(begin + pieceLength, large.bytes.length);
    if (torrent.have.has(piece) && Buffer.compare(found.subarray(begin, end), large.bytes.subarray(begin, end)) !== 0) {
      wrong.push(piece);
    }
  }
  return wrong;
}

it("loses no more than the last five seconds of a download when the power goes", { timeout: 60_000 }, async () => {
  const disk = new VirtualDisk({ clock });
  await disk.makeDirectory("/profile");
  disk.syncAll();
  const life = new Life(disk, 0);
  life.session.downLimit.setLimit(250_000);
  await life.session.start();
  const peers = seed.listening === undefined ? [] : [formatEndpoint(seed.listening)];
  await life.session.add(largeFile, { savePath: "/save", isPaused: false, peers, mustCheck: false });
  const torrent = life.session.torrent(largeMetainfo.infoHash);
  const told: { readonly atMs: number; readonly verified: number }[] = [];
  await new Promise<void>((resolve) => {
    const look = (): void => {
      told.push({ atMs: clock.nowMs(), verified: torrent.verifiedLength });
      if (torrent.verifiedLength > 2_600_000) resolve();
      else clock.after(100, look);
    };
    look();
  });
  const left = disk.crash("power", 7);
  const endMs = clock.nowMs();
  await life.end();
  const next = new Life(left, 1);
  await next.session.start();
  const client = await next.connect();
  const model = new ListModel(new SeededRandom(1), torrents, []);
  await model.problems(client);
  const before = told.findLast(({ atMs }) => atMs < endMs - 5_500)?.verified ?? 0;
  expect(before).toBeGreaterThan(500_000);
  expect(next.session.torrent(largeMetainfo.infoHash).verifiedLength).toBeGreaterThanOrEqual(before);
  expect(falsePieces(next)).toEqual([]);
  await next.end();
});

it(`keeps its list over ${crashes} ends at any change to the disk, by a kill or by a loss of power`, async () => {
  const random = new SeededRandom(Number(process.env["CRASH_SEED"] ?? 5));
  let disk = new VirtualDisk({ clock, mounts: ["/other"] });
  await disk.makeDirectory("/profile");
  disk.syncAll();
  let boot = 0;
  const model = new ListModel(random, torrents, ["/save/a", "/save/b", "/other/c"]);
  for (let crash = 0; crash < crashes; crash++) {
    const life = new Life(disk, boot);
    await life.session.start();
    let client = await life.connect();
    expect(await model.problems(client), `before crash ${crash}`).toEqual([]);
    expect(falsePieces(life), `before crash ${crash}`).toEqual([]);
    expect(life.warnings).toEqual([]);
    client.subscribe({ kind: "torrents" }, (frame) => {
      if (frame.kind === "torrents") model.saw(frame.rows);
    });
    life.disk.failAfter(randomBelow(random, 150));
    // Whatever it says from then on says a program whose disk is gone: as good as no answer.
    model.isUnanswered = () => life.disk.isDead;
    const workers = Array.from({ length: 2 }, async () => {
      while (!life.disk.isDead) {
        await model.act(client);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await Promise.all(workers);
    client.close();
    client = await life.connect();
    client.close();
    const isPower = randomBelow(random, 2) === 0;
    disk = life.disk.crash(isPower ? "power" : "kill", random.uint32());
    if (isPower) {
      boot++;
      model.forgetVerified();
    }
    await life.end();
  }
  const last = new Life(disk, boot);
  await last.session.start();
  expect(await model.problems(await last.connect())).toEqual([]);
  expect(falsePieces(last)).toEqual([]);
  await last.end();
  expect(model.answered).toBeGreaterThan(crashes);
});
