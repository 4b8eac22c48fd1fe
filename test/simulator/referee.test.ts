/** Every rule of the referee is broken once, on purpose: a referee that never whistles proves nothing. */
import { describe, expect, it } from "vitest";
import { present } from "../../source/base/assert.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { nodeTurns } from "../../source/platform/node-turns.ts";
import type { EngineNode } from "../../source/simulator/engine-node.ts";
import { Violation } from "../../source/simulator/referee/violation.ts";
import { Referee } from "../../source/simulator/referee.ts";
import { type NodePlan, type SwarmPlan, usualLink } from "../../source/simulator/swarm-plan.ts";
import { SwarmSimulation } from "../../source/simulator/swarm-simulation.ts";
import type { VirtualConnection } from "../../source/simulator/virtual-connection.ts";
import type { Neighbour } from "../../source/swarm/neighbour.ts";
import type { Swarm } from "../../source/swarm/swarm.ts";
import {
  encodeBare,
  encodeIndices,
  encodeRequest,
  messageId,
  pieceHeaderLength,
  writePieceHeader,
} from "../../source/wire/messages.ts";

const ports = { turns: nodeTurns, hasher: new NodeHasher() };
const pieceLength = 65_536;
/** In the middle of the download, when each has pieces and lacks some. */
const tamperMs = 40_000;

function planOf(changes: Partial<SwarmPlan> = {}): SwarmPlan {
  const node = (name: string): NodePlan => ({
    name,
    group: name === "seed" ? "seed" : "peers",
    isSeed: name === "seed",
    link: { ...usualLink, upBytesPerSecond: 20_000 },
    joinsMs: 0,
    leaves: { when: "never" },
    limits: { slots: 1 },
  });
  const nodes = ["seed", "Ada", "Ben", "Cleo", "Dan"].map(node);
  return { scenario: "tampering", seed: 3, pieceCount: 48, pieceLength, nodes, endMs: 3_600_000, ...changes };
}

/** Knows who is connected to whom, so that words can be put into their mouths. */
class Listening extends Referee {
  readonly lines: VirtualConnection[] = [];

  override opened(dialler: VirtualConnection): void {
    super.opened(dialler);
    this.lines.push(dialler, present(dialler.other, "other end"));
  }
}

interface Scene {
  readonly simulation: SwarmSimulation;
  readonly node: EngineNode;
  readonly swarm: Swarm;
  readonly neighbour: Neighbour;
  /** Ada's end of a line. */
  readonly line: VirtualConnection;
}

type Pick = (neighbour: Neighbour, swarm: Swarm) => boolean;

/** Runs a swarm in which Ada does something that she must not, about a neighbour that fits. @returns the first violation. */
async function whistle(tamper: (scene: Scene) => void, fits: Pick = () => true): Promise<Violation> {
  const simulation = new SwarmSimulation(ports, planOf(), { mustScrub: true });
  const referee = new Listening(simulation);
  let isDone = false;
  const look = (): void => {
    const node = present(
      simulation.nodes.find(({ plan }) => plan.name === "Ada"),
      "Ada",
    );
    const swarm = present(node.running?.swarm, "her swarm");
    const neighbour = [...swarm.neighbours.values()].find((one) => fits(one, swarm));
    const line = referee.lines.find(
      ({ host, remote, isEnded }) =>
        host === node.host && !isEnded && remote.address === neighbour?.info.endpoint.address,
    );
    if (neighbour === undefined || line === undefined) {
      simulation.world.clock.after(50, look);
      return;
    }
    isDone = true;
    tamper({ simulation, node, swarm, neighbour, line });
    // So that something happens there.
    line.write([new Uint8Array(4)]);
  };
  simulation.world.clock.after(tamperMs, look);
  try {
    await simulation.run();
    referee.sweep();
    await referee.conclude();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    expect(isDone).toBe(true);
    return error;
  }
  throw new Error("nobody whistled");
}

const missingOf = (swarm: Swarm, of = swarm.have): number => {
  for (let piece = 0; piece < of.length; piece++) if (!of.has(piece)) return piece;
  throw new Error("nothing is missing");
};
const heldOf = (swarm: Swarm): number => {
  for (let piece = 0; piece < swarm.have.length; piece++) if (swarm.have.has(piece)) return piece;
  throw new Error("nothing is there");
};
const isPartner: Pick = (one) => !one.peerChoking && one.amInterested && one.pipeline.outstanding > 0;
const isChoked: Pick = (one) => one.amChoking && one.peerChoking && one.amInterested && one.allowedToUs.size === 0;

function blockOf(piece: number, length: number): Uint8Array[] {
  const header = new Uint8Array(pieceHeaderLength);
  writePieceHeader(header, 0, piece, 0, length);
  return [header, new Uint8Array(length).fill(7)];
}

describe("the referee, of what is said", () => {
  const cases: readonly [string, (scene: Scene) => void, Pick?][] = [
    [
      "it announces what it has not verified",
      ({ line, swarm }) => line.write([encodeIndices(messageId.have, [missingOf(swarm)])]),
    ],
    ["it announces what it has not verified", ({ line }) => line.write([encodeBare(messageId.haveAll)])],
    ["it serves what it has not verified", ({ line, swarm }) => line.write(blockOf(missingOf(swarm), 16_384))],
    ["it serves wrong bytes", ({ line, swarm }) => line.write(blockOf(heldOf(swarm), 16_384))],
    ["it asks while choked", ({ line }) => line.write([encodeRequest(messageId.request, 0, 0, 16_384)]), isChoked],
    [
      "it asks for what the other does not have",
      ({ line, neighbour, swarm }) =>
        line.write([encodeRequest(messageId.request, missingOf(swarm, neighbour.field), 0, 16_384)]),
      (one, swarm) => isPartner(one, swarm) && !one.isSeed,
    ],
    [
      "it asks twice for the same",
      ({ line, swarm }) => {
        const request = encodeRequest(messageId.request, missingOf(swarm), 0, 16_384);
        line.write([request, request]);
      },
      (one, swarm) => isPartner(one, swarm) && one.field.has(missingOf(swarm)),
    ],
    [
      "it asks though it is not interested",
      ({ line, swarm }) =>
        line.write([
          encodeBare(messageId.notInterested),
          encodeRequest(messageId.request, missingOf(swarm), 0, 16_384),
        ]),
      (one, swarm) => isPartner(one, swarm) && one.field.has(missingOf(swarm)),
    ],
    [
      "it asks for more than the other queues",
      ({ line, neighbour, swarm }) => {
        for (let at = 0; at < 2001; at++) line.write([encodeRequest(messageId.request, missingOf(swarm), at, 1)]);
        expect(neighbour.isClosed).toBe(false);
      },
      (one, swarm) => isPartner(one, swarm) && one.field.has(missingOf(swarm)),
    ],
    ["it chokes twice", ({ line }) => line.write([encodeBare(messageId.choke)]), (one) => one.amChoking],
    ["it unchokes twice", ({ line }) => line.write([encodeBare(messageId.unchoke)]), (one) => !one.amChoking],
    [
      "it says twice whether it is interested",
      ({ line }) => line.write([encodeBare(messageId.interested)]),
      (one) => one.amInterested,
    ],
    ["it rejects what nobody asked for", ({ line }) => line.write([encodeRequest(messageId.rejectRequest, 0, 0, 1)])],
    [
      "it writes what is against the protocol",
      ({ line }) => line.write([Uint8Array.of(0, 0, 0, 2, messageId.choke, 1)]),
    ],
  ];
  for (const [rule, tamper, fits] of cases) {
    it(`whistles when ${rule}`, async () => {
      const violation = await whistle(tamper, fits);
      expect(violation.rule).toBe(rule);
      expect(violation.nodes[0]).toBe("Ada");
      expect(violation.lastMessages.length).toBeGreaterThan(0);
    });
  }

  it("knows a block that was not asked for from one that is sent while choking", async () => {
    const send = ({ line, simulation, swarm }: Scene) => {
      const piece = heldOf(swarm);
      const header = new Uint8Array(pieceHeaderLength);
      writePieceHeader(header, 0, piece, 0, 16_384);
      line.write([header, simulation.torrent.content.span(piece * pieceLength, 16_384)]);
    };
    expect((await whistle(send, (one) => one.amChoking)).rule).toBe("it sends while choking");
    expect((await whistle(send, (one) => !one.amChoking && one.uploads.length === 0)).rule).toBe(
      "it sends what nobody asked for",
    );
  });
});

describe("the referee, of what an engine says of itself", () => {
  const cases: readonly [string, (scene: Scene) => void, Pick?][] = [
    ["it has what nobody sent it", ({ swarm }) => swarm.have.set(missingOf(swarm))],
    [
      "who chokes it",
      ({ neighbour }) => {
        neighbour.peerChoking = !neighbour.peerChoking;
      },
    ],
    [
      "whom it chokes",
      ({ neighbour }) => {
        neighbour.amChoking = !neighbour.amChoking;
      },
    ],
    [
      "who is interested",
      ({ neighbour }) => {
        neighbour.peerInterested = !neighbour.peerInterested;
      },
    ],
    [
      "whom it is interested in",
      ({ neighbour }) => {
        neighbour.amInterested = !neighbour.amInterested;
      },
    ],
    [
      "its interest goes by what it wants",
      ({ neighbour }) => {
        neighbour.wantedCount = neighbour.amInterested ? 0 : 1;
      },
    ],
    [
      "how much a neighbour has",
      ({ neighbour }) => neighbour.field.set(missingOf({ have: neighbour.field } as Swarm)),
      (one) => !one.isSeed,
    ],
    ["what came of a neighbour", ({ neighbour, simulation }) => neighbour.down.add(1, simulation.nowMs)],
    ["what was sent to a neighbour", ({ neighbour, simulation }) => neighbour.up.add(1, simulation.nowMs)],
    ["it forgets what it asked for", ({ neighbour }) => neighbour.voidRequests(), isPartner],
    [
      "it waits for what it did not ask for",
      ({ neighbour, swarm, simulation }) => {
        const [active] = swarm.ledger.pieces();
        neighbour.pipeline.sent(1e9, present(active, "a piece under way"), 0, simulation.nowMs);
      },
      isPartner,
    ],
    [
      "what it was asked for",
      ({ neighbour, swarm }) =>
        neighbour.uploads.add({ piece: swarm.geometry.piece(heldOf(swarm)), begin: 0, length: 16_384 }),
      (one) => one.amChoking,
    ],
    [
      "it unchokes too many",
      ({ swarm }) => {
        for (const one of swarm.neighbours.values()) one.setChoke(false);
      },
    ],
    [
      "it has too many neighbours",
      ({ swarm }) => {
        Object.defineProperty(swarm.admission, "neighboursMax", { value: 1 });
      },
    ],
    [
      "it knows too many peers",
      ({ swarm }) => {
        Object.defineProperty(swarm.peers, "size", { value: 2001 });
      },
    ],
    [
      "it does not say what it has",
      ({ neighbour, simulation, line }) => {
        Object.defineProperty(neighbour, "announce", { value: () => undefined });
        for (let ms = 0; ms < 120_000; ms += 500)
          simulation.world.clock.after(ms, () => line.write([new Uint8Array(4)]));
      },
      (one) => !one.isSeed,
    ],
    [
      "what it sent in all",
      ({ node }) => {
        if (node.running !== undefined) node.running.uploadedBytes++;
      },
    ],
    [
      "what came to it in all",
      ({ node }) => {
        if (node.running !== undefined) node.running.downloadedBytes++;
      },
    ],
  ];
  for (const [rule, tamper, fits] of cases) {
    it(`whistles at: ${rule}`, async () => {
      expect((await whistle(tamper, fits)).rule).toBe(rule);
    });
  }

  const books: readonly [string, (scene: Scene) => void, Pick?][] = [
    [
      "are free",
      ({ swarm }) => {
        for (const active of swarm.ledger.pieces()) active.freeCount += 1;
      },
      isPartner,
    ],
    [
      "blocks came",
      ({ swarm }) => {
        for (const active of swarm.ledger.pieces()) active.receivedCount++;
      },
      isPartner,
    ],
    [
      "askers by the ledger",
      ({ swarm }) => {
        for (const active of swarm.ledger.pieces())
          active.requesters.set(active.requesters.map((askers) => (askers === 0 ? 0 : askers + 1)));
      },
      isPartner,
    ],
    [
      "its owner is gone",
      ({ swarm }) => {
        for (const active of swarm.ledger.pieces()) active.owner = 12_345;
      },
      isPartner,
    ],
    [
      "by the count",
      ({ swarm, neighbour }) =>
        swarm.availability.gained({ field: neighbour.field.clone(), waitingCount: 0 }, missingOf(swarm)),
      (one) => !one.isSeed,
    ],
    [
      "that wait",
      ({ neighbour }) => {
        neighbour.waitingCount += 1000;
      },
    ],
    [
      "is forgotten",
      ({ swarm }) => {
        for (let piece = 0; piece < 48; piece++)
          if (swarm.availability.isWaiting(piece)) return swarm.availability.removeWaiting(piece);
      },
      (_, swarm) => swarm.availability.waitingCount > 0,
    ],
    [
      "is there and needed",
      ({ swarm }) => {
        swarm.needed.set(heldOf(swarm));
      },
    ],
  ];
  for (const [words, tamper, fits] of books) {
    it(`audits its books: ${words}`, async () => {
      const plan = planOf();
      const violation = await whistle((scene) => {
        expect(plan.nodes).toHaveLength(scene.simulation.nodes.length);
        tamper(scene);
        for (let look = 0; look < 64; look++)
          scene.simulation.world.clock.after(look, () => scene.line.write([new Uint8Array(4)]));
      }, fits);
      expect(violation.message).toContain(words);
    });
  }
});

describe("the referee, in the end", () => {
  it("whistles when somebody is not complete", async () => {
    const simulation = new SwarmSimulation(ports, planOf({ endMs: 60_000 }));
    const referee = new Referee(simulation);
    await simulation.run();
    await expect(referee.conclude()).rejects.toThrow("not everybody completes: Ada has");
  });

  it("whistles when a timer or a connection is left", async () => {
    for (const [words, leave] of [
      ["timers are left", ({ world }: SwarmSimulation) => world.clock.after(1e9, () => undefined)],
      [
        "connections are left open",
        ({ world }: SwarmSimulation) => {
          const [from, to] = ["9.0.0.1", "9.0.0.2"].map((address) => world.network.host(address, usualLink));
          const handler = { onData() {}, onDrain() {}, onClose() {} };
          void to?.listen({ address: "9.0.0.2", port: 1 }, () => handler);
          from?.connect({ remote: { address: "9.0.0.2", port: 1 }, timeoutMs: 1000 }, handler);
        },
      ],
    ] as const) {
      const simulation = new SwarmSimulation(ports, planOf());
      const referee = new Referee(simulation);
      leave(simulation);
      await simulation.run();
      await expect(referee.conclude()).rejects.toThrow(words);
    }
  });

  it("has nothing to say of a swarm in order, and changes nothing", async () => {
    const traces: string[] = [];
    for (const isWatched of [true, false]) {
      const simulation = new SwarmSimulation(ports, planOf());
      const referee = isWatched ? new Referee(simulation) : undefined;
      await simulation.run();
      traces.push(simulation.world.trace.text);
      await referee?.conclude();
    }
    expect(traces[1]).toBe(traces[0]);
  });
});
