import { describe, expect, it } from "vitest";
import { peerIdFromBytes } from "../../source/base/ids.ts";
import { Admission } from "../../source/swarm/admission.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import type { NeighbourInfo } from "../../source/swarm/neighbour-owner.ts";

const idOf = (value: number) => peerIdFromBytes(new Uint8Array(20).fill(value));
const ourId = idOf(100);
const max = 80;

interface Part {
  readonly address: string;
  readonly peerId?: number;
  readonly isIncoming?: boolean;
  readonly exchanged?: number;
  readonly isWanted?: boolean;
  readonly connectedMs?: number;
  /** Bytes a second, now. */
  readonly rate?: number;
  readonly isQuiet?: boolean;
}

/** What the admission looks at of neighbours. */
class Places {
  readonly neighbours = new Map<number, Neighbour>();
  readonly closed: string[] = [];
  /** The last number of an address. */
  rankOf = (_address: string): number => 0;
  readonly admission = new Admission(this.neighbours, max, ({ address }) => this.rankOf(address));
  #count = 0;

  add(part: Part, count = 1): void {
    for (let i = 0; i < count; i++) {
      const info = this.info({ ...part, peerId: part.peerId ?? 200 });
      const neighbour = {
        info: part.peerId === undefined ? { ...info, peerId: `${this.#count}` } : info,
        isSnubbed: false,
        watch: { isQuiet: () => part.isQuiet === true },
        amChoking: true,
        amInterested: part.isWanted !== false,
        peerInterested: false,
        connectedMs: part.connectedMs ?? 0,
        down: { total: part.exchanged ?? 1, rate: () => part.rate ?? 0 },
        up: { total: 0, rate: () => 0 },
        close: () => {
          this.closed.push(info.endpoint.address);
          this.neighbours.delete(info.id);
        },
      };
      this.neighbours.set(info.id, neighbour as unknown as Neighbour);
    }
  }

  info(part: Part): NeighbourInfo {
    return {
      id: ++this.#count,
      endpoint: { address: part.address, port: 6881 },
      peerId: idOf(part.peerId ?? 1),
      isIncoming: part.isIncoming ?? true,
      hasFast: true,
      hasExtensions: true,
    };
  }

  refusal(part: Part, nowMs = 0): string | undefined {
    return this.admission.refusal(this.info(part), ourId, nowMs);
  }
}

describe("admission", () => {
  it("keeps a quarter of the places for peers that we dial", () => {
    const places = new Places();
    for (let i = 0; i < 60; i++) places.add({ address: `10.0.0.${i}` });
    expect(places.refusal({ address: "10.1.0.1" })).toBe("we have as many neighbours as we allow");
    expect(places.refusal({ address: "10.1.0.1", isIncoming: false })).toBeUndefined();
    expect(places.admission.room(50, 0)).toBe(20);
    expect(places.admission.room(50, 16)).toBe(4);
  });

  it("seeks no more than it is told to where it dialled enough itself", () => {
    const places = new Places();
    for (let i = 0; i < 30; i++) places.add({ address: `10.0.0.${i}`, isIncoming: false });
    expect(places.admission.room(50, 5)).toBe(15);
    for (let i = 30; i < 50; i++) places.add({ address: `10.0.0.${i}`, isIncoming: false });
    expect(places.admission.room(50, 0)).toBe(0);
  });

  it("gives the place of a useless neighbour to who comes, once it was there for a while", () => {
    const places = new Places();
    for (let i = 0; i < 59; i++) places.add({ address: `10.0.0.${i}` });
    places.add({ address: "10.0.0.99", isWanted: false });
    expect(places.refusal({ address: "10.1.0.1" }, 100_000)).toBeDefined();
    expect(places.refusal({ address: "10.1.0.1" }, 130_000)).toBeUndefined();
    expect(places.closed).toEqual(["10.0.0.99"]);
  });

  it("lets the largest crowd give way, and there the one with which least was exchanged", () => {
    const places = new Places();
    places.add({ address: "10.0.0.1", exchanged: 1000 }, 30);
    places.add({ address: "10.0.0.2", exchanged: 1000 }, 28);
    places.add({ address: "10.0.0.1", exchanged: 5 });
    places.add({ address: "10.0.0.3", exchanged: 0 });
    const poorest = [...places.neighbours.values()].find((one) => one.down.total === 5);
    expect(places.refusal({ address: "10.1.0.1" })).toBeUndefined();
    expect(places.closed).toEqual(["10.0.0.1"]);
    expect(places.neighbours.has(poorest?.info.id ?? 0)).toBe(false);
  });

  it("does not let a crowd grow at its own or a small group's cost", () => {
    const places = new Places();
    places.add({ address: "10.0.0.1" }, 60);
    expect(places.refusal({ address: "10.0.0.1", peerId: 2 })).toBeDefined();
    const small = new Places();
    for (let i = 0; i < 15; i++) small.add({ address: `10.0.0.${i}` }, 4);
    expect(small.refusal({ address: "10.1.0.1" })).toBeDefined();
    expect(places.closed).toEqual([]);
  });

  it("keeps, of two connections between two peers, the one that the greater opened", () => {
    for (const [peerId, isIncoming, isKept] of [
      [1, true, true],
      [1, false, false],
      [150, true, false],
      [150, false, true],
    ] as const) {
      const places = new Places();
      places.add({ address: "10.0.0.1", peerId, isIncoming: !isIncoming });
      const refusal = places.refusal({ address: "10.0.0.1", peerId, isIncoming });
      expect(refusal !== undefined).toBe(isKept);
      expect(places.closed).toEqual(isKept ? [] : ["10.0.0.1"]);
    }
  });

  it("does not let who claims another's name replace it, or, giving nothing, keep it out", () => {
    const places = new Places();
    places.add({ address: "10.0.0.1", peerId: 150, isIncoming: false });
    expect(places.refusal({ address: "10.9.9.9", peerId: 150 })).toBe("we are connected to it already");
    expect(places.closed).toEqual([]);
    const quiet = new Places();
    quiet.add({ address: "10.0.0.1", peerId: 150, isQuiet: true });
    expect(quiet.refusal({ address: "10.9.9.9", peerId: 150 })).toBeUndefined();
    expect(quiet.closed).toEqual([]);
    const empty = new Places();
    empty.add({ address: "10.9.9.9", peerId: 150, exchanged: 0 });
    expect(empty.refusal({ address: "10.0.0.1", peerId: 150, isIncoming: false })).toBeUndefined();
    expect(empty.closed).toEqual([]);
  });

  it("lets who comes back in beside its old connection that is silent, and ends that for nobody", () => {
    const old = { address: "10.0.0.1", peerId: 50 };
    for (const isIncoming of [true, false]) {
      const places = new Places();
      places.add({ ...old, isIncoming, isQuiet: true, exchanged: 1000 });
      expect(places.refusal(old)).toBeUndefined();
      places.add(old);
      // It is here again: who has its address and name, too, is one too many.
      expect(places.refusal(old)).toBe("we are connected to it already");
      expect(places.closed).toEqual([]);
    }
    const speaking = new Places();
    speaking.add(old);
    expect(speaking.refusal(old)).toBe("we are connected to it already");
    const ours = new Places();
    ours.add({ ...old, peerId: 150, isQuiet: true });
    expect(ours.refusal({ ...old, peerId: 150, isIncoming: false })).toBe("we are connected to it already");
  });
});

describe("where all places are taken by peers of many networks (BEP 40)", () => {
  const last = (address: string) => Number(address.split(".").at(-1));
  /** 10.0.0.1 … 10.0.79.1 and so on: no two of one network, ranks 1 … 80. */
  function full(part: Partial<Part> = {}): Places {
    const places = new Places();
    places.rankOf = last;
    for (let i = 1; i <= max; i++) places.add({ address: `10.0.${i}.${i}`, isIncoming: i % 2 === 0, ...part });
    return places;
  }
  const refusal = (places: Places, rank: number, nowMs = 60_000) =>
    places.admission.refusal(places.info({ address: `10.1.1.${rank}`, isIncoming: false }), ourId, nowMs);

  it("who outranks one takes the place of the one of the least rank", () => {
    const places = full();
    expect(refusal(places, 50)).toBeUndefined();
    expect(places.closed).toEqual(["10.0.1.1"]);
  });

  it("who outranks nobody is refused", () => {
    const places = full();
    places.rankOf = (address) => (address === "10.1.1.0" ? 0 : last(address));
    expect(refusal(places, 0)).toMatch(/as many neighbours/);
    expect(places.closed).toEqual([]);
  });

  it("nobody takes the place of one with which something is exchanged, or that has just come", () => {
    expect(refusal(full({ rate: 1000 }), 200)).toMatch(/as many neighbours/);
    expect(refusal(full({ connectedMs: 50_000 }), 200)).toMatch(/as many neighbours/);
  });

  it("who comes by itself takes no place of one that we dialled", () => {
    const places = full();
    const peer = places.info({ address: "10.1.1.200", isIncoming: true });
    expect(places.admission.refusal(peer, ourId, 60_000)).toBeUndefined();
    expect(places.closed).toEqual(["10.0.2.2"]);
  });

  it("where no rank is known, nobody is driven out", () => {
    const places = full();
    places.rankOf = () => 0;
    expect(refusal(places, 200)).toMatch(/as many neighbours/);
  });

  it("one address outranks others a few times at most, however often it comes", () => {
    const places = full();
    for (let i = 0; i < 1000; i++) {
      const peer = places.info({ address: "203.0.113.90", peerId: 50 + (i % 100) });
      if (places.admission.refusal(peer, ourId, 60_000) === undefined) places.add({ address: "203.0.113.90" });
    }
    const his = [...places.neighbours.values()].filter(({ info }) => info.endpoint.address === "203.0.113.90");
    expect(his).toHaveLength(4);
    expect(places.closed).toHaveLength(4);
  });
});
