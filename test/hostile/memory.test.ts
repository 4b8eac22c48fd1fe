/** What an attack may cost: a process of its own is attacked by many at once, and its memory stays flat. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../source/base/ip-address.ts";
import { messageId } from "../../source/wire/messages.ts";
import { Arena, randomPeerId } from "../support/arena.ts";
import { RawPeer, rawHandshake, rawMessage, repeated, words } from "../support/hostile-peer.ts";

/** Room for the collector to be late in; what an attack sends is some 400 MB. */
const grownMax = 200 * 1024 * 1024;

interface Attacked {
  readonly process: ChildProcess;
  readonly seed: Endpoint;
  readonly leech: Endpoint;
  /** Ends the attack. */
  finish(): Promise<{ readonly grown: number; readonly verdict: readonly string[] }>;
}

async function startAttacked(): Promise<Attacked> {
  const script = join(import.meta.dirname, "attacked-process.ts");
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? "null");
  const { seed, leech } = await next();
  return {
    process: child,
    seed,
    leech,
    finish: async () => {
      child.stdin.end();
      const report = await next();
      await closed;
      return report;
    },
  };
}

const { infoHash } = new Arena();
const extended = (payload: Uint8Array) => rawMessage(messageId.extended, Buffer.concat([new Uint8Array(1), payload]));
const longName = Buffer.concat([Buffer.from("d1:v60000:"), new Uint8Array(60_000).fill(120), Buffer.from("e")]);

interface Attack {
  readonly name: string;
  readonly isReading: boolean;
  /** Default 25, against each of the two. */
  readonly attackers?: number;
  /** Sent by each attacker after its handshake; a million bytes or more. */
  readonly bytes: Uint8Array;
}

const attacks: readonly Attack[] = [
  {
    name: "requests that are all rejected, by attackers that do not read",
    isReading: false,
    bytes: repeated(rawMessage(messageId.request, words(31, 0, 1)), 500_000),
  },
  {
    name: "interest and requests, by attackers that do not read",
    isReading: false,
    // As many as leave a slot for the honest one.
    attackers: 3,
    bytes: Buffer.concat([
      rawMessage(messageId.interested),
      repeated(rawMessage(messageId.request, words(31, 0, 16384)), 500_000),
    ]),
  },
  {
    name: "messages of a megabyte that never end",
    isReading: true,
    bytes: Buffer.concat([rawMessage(messageId.extended, [], 1024 * 1024), new Uint8Array(1024 * 1024 - 10)]),
  },
  { name: "extension handshakes of 60 kB", isReading: true, bytes: repeated(extended(longName), 150) },
  { name: "haves", isReading: true, bytes: repeated(rawMessage(messageId.have, words(3)), 1_000_000) },
  { name: "keep-alives", isReading: true, bytes: new Uint8Array(8_000_000) },
  {
    name: "blocks nobody asked for",
    isReading: true,
    bytes: repeated(rawMessage(messageId.piece, new Uint8Array(131_080)), 60),
  },
  { name: "half a handshake, and noise", isReading: true, bytes: new Uint8Array(8_000_000).fill(0x13) },
];

describe("memory stays flat under", () => {
  for (const { name, isReading, attackers = 25, bytes } of attacks) {
    it(name, async () => {
      const attacked = await startAttacked();
      const peers: RawPeer[] = [];
      const attack = async (to: Endpoint, i: number): Promise<void> => {
        const peer = await RawPeer.dial(to, `127.0.66.${1 + i}`);
        peers.push(peer);
        if (!isReading) peer.socket.pause();
        peer.send(rawHandshake({ infoHash, peerId: randomPeerId(), hasExtensions: true }));
        // Who is not read does not get it all out: then the rest waits on the attacker's side, as it should.
        await Promise.race([peer.push(bytes), stalled(peer)]);
      };
      try {
        await Promise.all(
          [attacked.seed, attacked.leech].flatMap((to) => Array.from({ length: attackers }, (_, i) => attack(to, i))),
        );
        const { grown, verdict } = await attacked.finish();
        expect(verdict).toEqual([]);
        expect(grown).toBeLessThan(grownMax);
      } finally {
        for (const peer of peers) peer.reset();
        attacked.process.kill();
      }
    });
  }
});

/** Resolves when what it sends has not moved for three looks in a row. */
async function stalled(peer: RawPeer): Promise<void> {
  let same = 0;
  let before = -1;
  while (same < 3 && !peer.isClosed && peer.socket.writableLength > 0) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const left = peer.socket.writableLength;
    same = left === before ? same + 1 : 0;
    before = left;
  }
}
