/** Real sessions on loopback, with content that is computed, which find one another over a private DHT alone. */
import type { InfoHash } from "../../source/base/ids.ts";
import { encode } from "../../source/bencode/encode.ts";
import { Session } from "../../source/engine/session.ts";
import { defaultRules } from "../../source/engine/session-rules.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import type { Ports } from "../../source/ports/ports.ts";
import { GeneratedContent, generatedPieceHashes } from "../../source/storage/generated-content.ts";
import { GeneratedStorage } from "../../source/storage/generated-storage.ts";
import type { RealDht } from "./real-dht.ts";
import { realPorts } from "./real-ports.ts";
import { sessionOptions } from "./session-parts.ts";

const pieceLength = 65_536;

export class DhtSessions {
  readonly #network: RealDht;
  readonly #ports: Ports;
  readonly #contents = new Map<InfoHash, GeneratedContent>();
  readonly #sessions: Session[] = [];

  constructor(network: RealDht) {
    this.#network = network;
    this.#ports = realPorts(network.ports);
  }

  /** A .torrent file without a tracker, and its info hash. */
  torrent(length: number): { readonly metainfo: Uint8Array; readonly infoHash: InfoHash } {
    const { hasher, random } = this.#ports;
    const content = new GeneratedContent(random.uint32(), length);
    const pieces = generatedPieceHashes(content, new Geometry(pieceLength, length), hasher);
    const metainfo = encode({ info: { name: "content", length, "piece length": pieceLength, pieces } });
    const { infoHash } = parseMetainfo(metainfo, hasher);
    this.#contents.set(infoHash, content);
    return { metainfo, infoHash };
  }

  /** Listens at this loopback address, and knows nodes of the DHT when this resolves. */
  async start(address: string, isSeed: boolean): Promise<Session> {
    const session = new Session(
      this.#ports,
      sessionOptions({
        listen: { address, port: 0 },
        localAddress: address,
        profile: "/nowhere",
        makeStorage: (metainfo) => {
          const content = this.#contents.get(metainfo.infoHash);
          if (content === undefined) throw new Error("a torrent from elsewhere");
          return new GeneratedStorage(this.#ports, { metainfo, content, holdsAll: isSeed });
        },
      }),
    );
    const { address: host, port } = this.#network.first;
    session.apply({ ...defaultRules, dht: { enabled: true, bootstrap: [`${host}:${port}`], readOnly: false } });
    this.#sessions.push(session);
    await session.start();
    await this.#network.until("the session knows nodes", () => (session.dht.dht?.goodCount ?? 0) >= 4);
    return session;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.stop()));
  }
}
