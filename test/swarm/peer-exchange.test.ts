/** What neighbours are told of one another (BEP 11), message by message. */
import { describe, expect, it } from "vitest";
import { type Endpoint, formatEndpoint } from "../../source/base/ip-address.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import { NeighbourExtensions } from "../../source/swarm/neighbour-extensions.ts";
import { PeerExchange } from "../../source/swarm/peer-exchange.ts";
import { decodeExtensionHandshake } from "../../source/wire/extension-handshake.ts";
import { decodePex, type PexMessage } from "../../source/wire/ut-pex.ts";

const minute = 60_000;
/** Length, id, id of the extension. */
const headLength = 6;

class Bench {
  readonly exchange = new PeerExchange();
  readonly neighbours = new Map<number, Neighbour>();
  #nowMs = 0;

  /** @returns what it is told from now on. */
  join(id: number, endpoint: Endpoint): { readonly said: PexMessage[]; introduce(text: string): void } {
    const said: PexMessage[] = [];
    const extensions = new NeighbourExtensions((message) => said.push(decodePex(message.subarray(headLength))));
    const introduce = (text: string) => {
      extensions.introduced(decodeExtensionHandshake(new TextEncoder().encode(text)));
      this.exchange.met();
    };
    introduce("d1:md6:ut_pexi3eee");
    this.neighbours.set(id, { id, isSeed: false, info: { endpoint, isIncoming: false }, extensions } as never);
    return { said, introduce };
  }

  leave(id: number): void {
    this.neighbours.delete(id);
  }

  pass(minutes: number): void {
    for (let i = 0; i < minutes; i++) {
      this.exchange.tick(this.neighbours, this.#nowMs);
      this.#nowMs += minute;
    }
  }
}

const at = (last: number): Endpoint => ({ address: `10.0.0.${last}`, port: 6881 });
const shown = ({ added, dropped }: PexMessage) => [
  added.map(({ endpoint }) => formatEndpoint(endpoint)),
  dropped.map(formatEndpoint),
];

describe("a neighbour that speaks ut_pex", () => {
  it("is told who came and who went, each once", () => {
    const bench = new Bench();
    const one = bench.join(1, at(1));
    bench.join(2, at(2));
    bench.pass(3);
    bench.leave(2);
    bench.join(3, at(3));
    bench.pass(3);
    expect(one.said.map(shown)).toEqual([
      [["10.0.0.2:6881"], []],
      [["10.0.0.3:6881"], ["10.0.0.2:6881"]],
    ]);
  });

  it("is told nothing of a peer that went and came again meanwhile, and of its going for good", () => {
    const bench = new Bench();
    const one = bench.join(1, at(1));
    bench.join(2, at(2));
    bench.pass(1);
    bench.leave(2);
    bench.join(3, at(2));
    bench.join(4, at(4));
    bench.pass(2);
    bench.leave(3);
    bench.pass(1);
    expect(one.said.map(shown)).toEqual([
      [["10.0.0.2:6881"], []],
      [["10.0.0.4:6881"], []],
      [[], ["10.0.0.2:6881"]],
    ]);
  });

  it("is told nothing any more once it has switched that off, as rTorrent does (BEP 10), until it wants it again", () => {
    const bench = new Bench();
    const one = bench.join(1, at(1));
    one.introduce("d1:md6:ut_pexi0eee");
    bench.join(2, at(2));
    bench.pass(3);
    expect(one.said).toEqual([]);
    one.introduce("d1:md6:ut_pexi5eee");
    bench.pass(1);
    expect(one.said.map(shown)).toEqual([[["10.0.0.2:6881"], []]]);
  });
});
