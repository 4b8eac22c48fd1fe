/** The messages of local service discovery (BEP 14), without I/O: who says on the local network which torrents he is in. */
import { type InfoHash, infoHashFromHex } from "../../base/ids.ts";
import { type Endpoint, formatEndpoint } from "../../base/ip-address.ts";

export const lsdGroups = {
  4: { address: "239.192.152.143", port: 6771 },
  6: { address: "ff15::efc0:988f", port: 6771 },
} as const satisfies Readonly<Record<4 | 6, Endpoint>>;

/** BEP 14: so that no link cuts it into pieces. */
const messageLengthMax = 1400;
const infoHashLineLength = "Infohash: \r\n".length + 40;
/** What fits besides the other lines, with a cookie of ours. */
export const lsdHashesMax = Math.floor((messageLengthMax - 140) / infoHashLineLength);
/** Of others, whose other lines may be shorter. */
const heardHashesMax = 64;
const cookieLengthMax = 100;

export interface LsdMessage {
  /** Where its sender listens. */
  readonly port: number;
  /** At least one. */
  readonly infoHashes: readonly InfoHash[];
  /** By which a sender knows his own messages; "" if there is none. */
  readonly cookie: string;
}

/** @param group that it is sent to. @param message at most `lsdHashesMax` torrents. */
export function encodeLsd(group: Endpoint, message: LsdMessage): Uint8Array {
  const lines = [
    "BT-SEARCH * HTTP/1.1",
    `Host: ${formatEndpoint(group)}`,
    `Port: ${message.port}`,
    ...message.infoHashes.slice(0, lsdHashesMax).map((infoHash) => `Infohash: ${infoHash}`),
    `cookie: ${message.cookie}`,
  ];
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n\r\n`);
}

/** @returns `undefined` for what is no such message: too long, without a port or torrents, or another request. */
export function decodeLsd(bytes: Uint8Array): LsdMessage | undefined {
  if (bytes.length > messageLengthMax + 100) return undefined;
  const [request = "", ...lines] = String.fromCharCode(...bytes).split(/\r?\n/);
  if (!/^BT-SEARCH \* HTTP\/1\.\d$/.test(request)) return undefined;
  let port = 0;
  let cookie = "";
  const infoHashes = new Set<InfoHash>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    switch (name.toLowerCase()) {
      case "port":
        port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
        break;
      case "infohash":
        if (/^[0-9a-fA-F]{40}$/.test(value) && infoHashes.size < heardHashesMax) infoHashes.add(infoHashFromHex(value));
        break;
      case "cookie":
        cookie = value.slice(0, cookieLengthMax);
        break;
    }
  }
  if (port < 1 || port > 65_535 || infoHashes.size === 0) return undefined;
  return { port, infoHashes: [...infoHashes], cookie };
}
