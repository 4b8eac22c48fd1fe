/**
 * What is believed of messages on the local network (HOSTILE C10): nothing of ourselves, nothing from elsewhere, and of nobody
 * more than an honest client says.
 */
import type { InfoHash } from "../../base/ids.ts";
import { type Endpoint, localityOf, parseAddress } from "../../base/ip-address.ts";
import { decodeLsd } from "./lsd-codec.ts";

/** Messages of one address a minute: a client of many torrents says one, some say one a torrent at once. */
const perMinuteMax = 60;
/** Clients that one address may have: what more it claims would only fill the lists of peers. */
const portsMax = 8;
const forgetMs = 10 * 60_000;
/** Addresses that are remembered; a network of more is heard in part. */
const addressesMax = 500;

interface Speaker {
  readonly sinceMs: number;
  readonly ports: Set<number>;
  minute: number;
  count: number;
}

export class LsdEar {
  readonly #cookie: string;
  readonly #ownAddresses: () => readonly string[];
  readonly #speakers = new Map<string, Speaker>();

  /** @param cookie of our own messages. @param ownAddresses of this machine, now. */
  constructor(cookie: string, ownAddresses: () => readonly string[]) {
    this.#cookie = cookie;
    this.#ownAddresses = ownAddresses;
  }

  /** @returns who is in which torrents, `undefined` for what does not count. */
  heard(
    bytes: Uint8Array,
    { address }: Endpoint,
    nowMs: number,
  ): { readonly peer: Endpoint; readonly infoHashes: readonly InfoHash[] } | undefined {
    if (!this.#isNear(address) || !this.#maySpeak(address, nowMs)) return undefined;
    const message = decodeLsd(bytes);
    if (message === undefined || message.cookie === this.#cookie) return undefined;
    const ports = this.#speakers.get(address)?.ports;
    if (ports === undefined || (!ports.has(message.port) && ports.size >= portsMax)) return undefined;
    ports.add(message.port);
    return { peer: { address, port: message.port }, infoHashes: message.infoHashes };
  }

  #maySpeak(address: string, nowMs: number): boolean {
    let speaker = this.#speakers.get(address);
    if (speaker !== undefined && nowMs - speaker.sinceMs >= forgetMs) {
      this.#speakers.delete(address);
      speaker = undefined;
    }
    const minute = Math.floor(nowMs / 60_000);
    if (speaker === undefined) {
      for (const [oldest, { sinceMs }] of this.#speakers) {
        if (nowMs - sinceMs < forgetMs) break;
        this.#speakers.delete(oldest);
      }
      if (this.#speakers.size >= addressesMax) return false;
      speaker = { sinceMs: nowMs, ports: new Set(), minute, count: 0 };
      this.#speakers.set(address, speaker);
    }
    if (speaker.minute !== minute) {
      speaker.minute = minute;
      speaker.count = 0;
    }
    return ++speaker.count <= perMinuteMax;
  }

  /** On a local network, or with an address that differs from one of ours in its last byte (IPv6: half) alone. */
  #isNear(address: string): boolean {
    // Those of a link cannot be dialled without the name of the interface.
    if (/^fe[89ab]/.test(address)) return false;
    const locality = localityOf(address);
    if (locality !== "public") return locality !== "unusable";
    return this.#ownAddresses().some((own) => isBeside(own, address));
  }
}

function isBeside(a: string, b: string): boolean {
  const x = parseAddress(a);
  const y = parseAddress(b);
  if (x === undefined || y === undefined || x.length !== y.length) return false;
  return x.subarray(0, x.length === 4 ? 3 : 8).every((byte, i) => byte === y[i]);
}
