import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { infoHashFromBytes } from "../../source/base/ids.ts";
import { SeededRandom, shuffle } from "../../source/base/random.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { MetadataDownload, type MetadataSource } from "../../source/swarm/metadata-download.ts";
import { metadataPieceLength } from "../../source/wire/ut-metadata.ts";

const hasher = new NodeHasher();

/** `slow`: honest, and answers a second later; `sly`: lies, and is silent where nobody else is asked. */
type Kind = "honest" | "liar" | "mute" | "rejecting" | "long" | "slow" | "sly";

/** Peers that answer what was asked of them, in any order, as time passes. */
class World {
  readonly truth: Uint8Array;
  readonly download: MetadataDownload;
  readonly convicted: Kind[] = [];
  readonly #asked: { readonly id: number; readonly piece: number }[] = [];
  readonly #late: { readonly id: number; readonly piece: number }[] = [];
  #isOneAsked = false;
  readonly #kinds = new Map<number, Kind>();
  readonly #random: SeededRandom;
  nowMs = 0;

  constructor(length: number, seed: number) {
    this.truth = Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);
    this.download = new MetadataDownload(infoHashFromBytes(hasher.sha1(this.truth)), hasher);
    this.#random = new SeededRandom(seed);
  }

  /** @param length bytes, as it claims. */
  join(id: number, kind: Kind, length = this.truth.length + (kind === "long" ? 5 * metadataPieceLength : 0)): void {
    this.#kinds.set(id, kind);
    const source: MetadataSource = {
      id,
      length,
      request: (piece) => this.#asked.push({ id, piece }),
      convict: () => {
        this.convicted.push(kind);
        this.#kinds.delete(id);
        this.download.leave(id, this.nowMs);
      },
    };
    this.download.join(source, this.nowMs);
  }

  step(): void {
    this.nowMs += 1000;
    const late = this.#late.splice(0);
    const asked = shuffle(this.#random, this.#asked.splice(0));
    this.#isOneAsked = new Set(asked.map(({ id }) => id)).size === 1;
    for (const each of asked) {
      if (this.#kinds.get(each.id) === "slow") this.#late.push(each);
      else this.#answer(each.id, each.piece);
    }
    for (const { id, piece } of late) this.#answer(id, piece);
    this.download.tick(this.nowMs);
  }

  #answer(id: number, piece: number): void {
    const kind = this.#kinds.get(id);
    if (kind === undefined || kind === "mute" || (kind === "sly" && this.#isOneAsked)) return;
    if (kind === "rejecting") {
      this.download.rejected(id, piece, this.nowMs);
      return;
    }
    const total = kind === "long" ? this.truth.length + 5 * metadataPieceLength : this.truth.length;
    const begin = piece * metadataPieceLength;
    const length = Math.min(metadataPieceLength, total - begin);
    const right = this.truth.slice(begin, begin + length);
    const data = kind === "honest" || kind === "slow" ? right : new Uint8Array(length).fill(66);
    this.download.came(id, piece, total, data, this.nowMs);
  }
}

describe("metadata from many", () => {
  it("is put together from all who have it, nothing asked twice without need", () => {
    const world = new World(10 * metadataPieceLength + 7, 1);
    for (let id = 1; id <= 5; id++) world.join(id, "honest");
    world.step();
    world.step();
    expect(world.download.result).toEqual(world.truth);
  });

  it("comes from one honest peer among liars, the mute and those who reject, and convicts no honest one", () => {
    const kinds = fc.array(fc.constantFrom<Kind>("honest", "liar", "mute", "rejecting", "long"), { maxLength: 12 });
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 6 * metadataPieceLength }), fc.nat(1000), (others, length, seed) => {
        const world = new World(length, seed);
        const all = shuffle(new SeededRandom(seed), ["honest" as Kind, ...others]);
        all.forEach((kind, i) => {
          world.join(i + 1, kind);
        });
        for (let seconds = 0; seconds < 900 && world.download.result === undefined; seconds++) world.step();
        expect(world.download.result).toEqual(world.truth);
        expect(world.convicted).not.toContain("honest");
      }),
      { numRuns: 150 },
    );
  });

  it("does not take what nobody asked for", () => {
    const world = new World(metadataPieceLength, 3);
    expect(world.download.came(7, 0, world.truth.length, world.truth, 0)).toBe(false);
    world.join(1, "mute");
    expect(world.download.came(1, 0, 99, world.truth, 0)).toBe(false);
    expect(world.download.fraction).toBe(0);
  });

  it("comes from one honest peer that is slower than liars that are silent when they are alone", () => {
    const world = new World(8 * metadataPieceLength, 7);
    for (let id = 1; id <= 6; id++) world.join(id, "sly");
    world.join(7, "slow");
    for (let seconds = 0; seconds < 600 && world.download.result === undefined; seconds++) world.step();
    expect(world.download.result).toEqual(world.truth);
    expect(world.convicted).not.toContain("slow");
  });

  it("comes from one honest peer behind any number of silent ones", () => {
    const world = new World(1000, 4);
    for (let id = 1; id <= 39; id++) world.join(id, "mute");
    world.join(40, "honest");
    for (let seconds = 0; seconds < 120 && world.download.result === undefined; seconds++) world.step();
    expect(world.download.result).toEqual(world.truth);
  });

  it("comes from one honest peer behind silent ones that claim other lengths", () => {
    const world = new World(1000, 5);
    for (let id = 1; id <= 20; id++) world.join(id, "mute", 900 + (id % 10));
    world.join(40, "honest");
    for (let seconds = 0; seconds < 300 && world.download.result === undefined; seconds++) world.step();
    expect(world.download.result).toEqual(world.truth);
  });

  it("knows who has let it wait for longest, and not who was never asked or has sent something", () => {
    const world = new World(100 * metadataPieceLength, 6);
    world.join(1, "honest");
    world.step();
    world.join(2, "mute");
    world.join(3, "rejecting");
    for (let seconds = 0; seconds < 2; seconds++) world.step();
    expect(world.download.silentSince(0)).toBe(undefined);
    expect(world.download.silentSince(1000)).toBe(2);
    world.download.leave(2, world.nowMs);
    expect(world.download.silentSince(1000)).toBe(3);
    world.download.leave(3, world.nowMs);
    expect(world.download.silentSince(1000)).toBe(undefined);
  });
});
