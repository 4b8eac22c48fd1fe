/** Real sessions on a virtual clock and a network in memory, with content that is computed: a swarm of engines. */
import { OperationalError } from "../../source/base/errors.ts";
import type { InfoHash } from "../../source/base/ids.ts";
import { SeededRandom } from "../../source/base/random.ts";
import { decodeDict } from "../../source/bencode/decode.ts";
import { encode } from "../../source/bencode/encode.ts";
import { ForgetfulStore } from "../../source/engine/profile/torrent-store.ts";
import { Session } from "../../source/engine/session.ts";
import type { SessionOptions } from "../../source/engine/session-options.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { NodeSignatures } from "../../source/platform/node-signatures.ts";
import type { FileSystem } from "../../source/ports/file-system.ts";
import type { HttpClient } from "../../source/ports/http.ts";
import type { Ports } from "../../source/ports/ports.ts";
import { GeneratedContent, generatedPieceHashes } from "../../source/storage/generated-content.ts";
import { GeneratedStorage } from "../../source/storage/generated-storage.ts";
import { MemoryDatagrams } from "./memory-datagrams.ts";
import { MemoryNetwork } from "./memory-network.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

const hasher = new NodeHasher();

const noTrackers: HttpClient = { get: () => Promise.reject(new OperationalError("refused", "no tracker here")) };

export interface WorldTorrent {
  readonly infoHash: InfoHash;
  readonly metainfo: Uint8Array;
  readonly content: GeneratedContent;
  readonly totalLength: number;
}

export class SessionWorld {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly datagrams = new MemoryDatagrams(this.clock);
  readonly #sessions: Session[] = [];
  readonly #torrents = new Map<InfoHash, WorldTorrent>();

  /** @param length bytes; pieces are 64 KiB unless said otherwise. @param files lengths of its files; default: one. */
  torrent(
    name: string,
    length: number,
    pieceLength = 65_536,
    tracker?: string,
    files?: readonly number[],
  ): WorldTorrent {
    const content = new GeneratedContent(this.#torrents.size + 1, length);
    const pieces = generatedPieceHashes(content, new Geometry(pieceLength, length), hasher);
    const shape =
      files === undefined ? { length } : { files: files.map((bytes, i) => ({ length: bytes, path: [`file ${i}`] })) };
    const info = { name, ...shape, "piece length": pieceLength, pieces };
    const metainfo = encode(tracker === undefined ? { info } : { announce: tracker, info });
    const { infoHash } = parseMetainfo(metainfo, hasher);
    const torrent = { infoHash, metainfo, content, totalLength: length };
    this.#torrents.set(infoHash, torrent);
    return torrent;
  }

  /** The same with the flag of BEP 27. */
  privateOf(torrent: WorldTorrent): WorldTorrent {
    const info = decodeDict(torrent.metainfo).dict("info");
    const entries = info?.keys.map((key, i) => [key, info.values[i]] as const) ?? [];
    const metainfo = encode({ info: { ...Object.fromEntries(entries), private: 1 } });
    return this.known({ ...torrent, metainfo, infoHash: parseMetainfo(metainfo, hasher).infoHash });
  }

  /** A torrent of another's content. */
  known(torrent: WorldTorrent): WorldTorrent {
    this.#torrents.set(torrent.infoHash, torrent);
    return torrent;
  }

  /**
   * @param more `isSeed`: finds all content on its disk; `files`: of the host, default none but room for all; `network`
   * and `http` in place of the world's.
   */
  async start(
    address: string,
    more: Partial<SessionOptions> & { readonly isSeed?: boolean; readonly files?: Partial<FileSystem> } & Partial<
        Pick<Ports, "network" | "http">
      > = {},
  ): Promise<Session> {
    const { isSeed = false, files = {}, network = this.network.host(address), http = noTrackers, ...options } = more;
    const ports: Ports = {
      clock: this.clock,
      random: new SeededRandom(this.#sessions.length + 1),
      files: { freeSpace: async () => Number.MAX_SAFE_INTEGER, ...files } as FileSystem,
      hasher,
      signatures: new NodeSignatures(),
      http,
      network,
      datagrams: this.datagrams.host(address),
    };
    const session = new Session(ports, {
      listen: { address, port: 6881 },
      profile: `/${address}`,
      pid: 1,
      maxDownRate: 0,
      maxUpRate: 0,
      slots: 4,
      version: "0.0.0",
      locks: { acquire: async () => ({ release: async () => {} }) },
      store: new ForgetfulStore(),
      makeStorage: (metainfo) => {
        const torrent = this.#torrents.get(metainfo.infoHash);
        if (torrent === undefined) throw new Error("a torrent of another world");
        return new GeneratedStorage(ports, { metainfo, content: torrent.content, holdsAll: isSeed });
      },
      ...options,
    });
    this.#sessions.push(session);
    await session.start();
    return session;
  }

  async add(session: Session, torrent: WorldTorrent, peers: readonly Session[] = []): Promise<void> {
    await session.add(torrent.metainfo, {
      savePath: "/",
      isPaused: false,
      peers: peers.map(({ listening }) => `${listening?.address}:${listening?.port}`),
      mustCheck: false,
    });
  }

  /** Lets time pass; whatever is ready goes on after each timer. */
  run(seconds: number): Promise<void> {
    return this.clock.run(seconds * 1000);
  }

  async until(isSo: () => boolean, secondsMax = 3600): Promise<void> {
    await settle();
    for (let tenths = 0; !isSo(); tenths++) {
      if (tenths > 10 * secondsMax) throw new Error("it never came to be so");
      await this.clock.run(100);
    }
  }

  async stop(session: Session): Promise<void> {
    const stopping = session.stop();
    await this.clock.run(10_000);
    await stopping;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => this.stop(session)));
  }
}
