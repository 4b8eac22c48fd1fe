/**
 * What a swarm's bookkeeping costs, without sockets, files and hashes: `node test/bench/swarm-costs.ts [PIECES …]`, default
 * 1024 and 2000000; 0: memory alone. 50 neighbours each time. Of times it prints the least of several rounds (of a
 * busy machine the median measures what else it does), and of single calls the longest: those say little on a busy one.
 *
 * Memory: heap and buffers, after a collection, of a neighbour in the stand-in swarm, and of a whole session with one torrent
 * and 50 neighbours, each of them in a session of its own, over a network in memory. `--cpu-prof` shows where time goes.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { formatSize } from "../../source/base/units.ts";
import type { Session } from "../../source/engine/session.ts";
import { messageId } from "../../source/wire/messages.ts";
import { SessionWorld } from "../support/session-world.ts";
import { type FarEnd, pieceLength, pieceMessageOf, StandInSwarm } from "./stand-in-swarm.ts";

const neighbours = 50;
const rounds = 7;
/** Operations of one round. */
const opsMax = 20_000;
/** Reads between which what was posted leaves. */
const readsPerTurn = 50;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** @returns nanoseconds an operation, the least of the rounds. @param make a world, and what is to be measured in it. */
async function least(make: () => { readonly count: number; readonly run: (at: number) => void }): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const { count, run } = make();
    const from = performance.now();
    for (let at = 0; at < count; ) {
      for (const end = Math.min(count, at + readsPerTurn); at < end; at++) run(at);
      await undefined;
    }
    best = Math.min(best, (1e6 * (performance.now() - from)) / count);
  }
  return best;
}

function show(name: string, nanoseconds: number): void {
  const text =
    nanoseconds < 10_000
      ? `${nanoseconds.toFixed(0)} ns`
      : nanoseconds < 1e7
        ? `${(nanoseconds / 1000).toFixed(1)} µs`
        : `${(nanoseconds / 1e6).toFixed(1)} ms`;
  console.log(`${name.padEnd(72)}${text.padStart(12)}`);
}

// ── haves ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads of one `have` each, of pieces that the neighbour did not have. */
function havesTo(world: StandInSwarm) {
  const { ends, geometry } = world;
  const missing = ends.map((end) => {
    const pieces: number[] = [];
    for (let tries = 0; tries < opsMax; tries++) {
      const piece = geometry.pieceCount > opsMax ? world.anyPiece() : tries;
      if (piece < geometry.pieceCount && end.neighbour?.field.has(piece) === false) pieces.push(piece);
    }
    return pieces;
  });
  const count = Math.min(opsMax, ends.length * Math.min(...missing.map(({ length }) => length)));
  const run = (at: number) => {
    const which = at % ends.length;
    ends[which]?.sayHave(missing[which]?.[Math.floor(at / ends.length)] ?? 0);
  };
  return { count, run };
}

async function haves(pieceCount: number): Promise<void> {
  const world = (have: number, share: number) => {
    const made = new StandInSwarm({ pieceCount, have });
    made.joinMany(neighbours, share);
    return made;
  };
  show(
    "a have that comes, of a piece we lack, from a neighbour that chokes us",
    await least(() => havesTo(world(0, 0.3))),
  );
  show("  of a piece we have", await least(() => havesTo(world(1, 0.3))));
  show(
    "  from a neighbour that lets us ask, its window full",
    await least(() => {
      const made = world(0, 0.3);
      made.activate(neighbours);
      return havesTo(made);
    }),
  );
  show(
    "  its window not full: the piece is asked for",
    await least(() => {
      const made = world(0, 0);
      made.activate(neighbours);
      return havesTo(made);
    }),
  );
  show(
    "  what else it has and we lack is asked of another",
    await least(() => {
      const made = world(0, 0);
      const [first] = made.activate(neighbours);
      // All that the others will have is under way from the first already.
      for (let piece = 0; piece < 4; piece++) first?.sayHave(piece);
      made.swarm.tick();
      const { ends, swarm, geometry } = made;
      for (let piece = 0; piece < geometry.pieceCount; piece += 3) swarm.have.set(piece);
      return {
        count: opsMax,
        run: (at) =>
          ends[1 + (at % (neighbours - 1))]?.sayHave(Math.floor(at / (neighbours - 1)) % geometry.pieceCount),
      };
    }),
  );
  show(
    "interest that comes or goes, all slots taken",
    await least(() => {
      const made = world(0.5, 0.3);
      for (const end of made.ends.slice(0, 40)) end.sayBare(messageId.interested);
      return {
        count: opsMax,
        run: (at) => {
          const end = made.ends[10 + (at % 40)];
          end?.sayBare(end.neighbour?.peerInterested === true ? messageId.notInterested : messageId.interested);
        },
      };
    }),
  );
}

async function announced(pieceCount: number): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const world = new StandInSwarm({ pieceCount });
    world.joinMany(neighbours, 0.3);
    const pieces = Math.min(1000, pieceCount);
    const from = performance.now();
    for (let piece = 0; piece < pieces; piece++) {
      world.swarm.pieceChecked(world.geometry.piece(piece), true);
      world.clock.advance(50);
      await undefined;
    }
    best = Math.min(best, (1e6 * (performance.now() - from)) / pieces);
  }
  show("a piece verified and announced alone, for each of 50 neighbours", best / neighbours);
}

// ── ticks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One second of blocks from each of the active ones. */
function exchange(active: readonly FarEnd[]): void {
  for (const end of active) {
    for (let block = 0; block < 2 && end.asked.length > 0; block++) {
      const [piece = 0, begin = 0] = end.asked.splice(0, 2);
      end.say(pieceMessageOf(piece, begin));
    }
  }
}

async function ticks(pieceCount: number, activeCount: number): Promise<void> {
  let tick = Number.POSITIVE_INFINITY;
  let rechoke = Number.POSITIVE_INFINITY;
  const keepAlive = new Uint8Array(4);
  for (let round = 0; round < rounds; round++) {
    const world = new StandInSwarm({ pieceCount });
    world.joinMany(neighbours, 0.8);
    const active = world.activate(activeCount);
    let [tickMs, ticked, rechokeMs, rechoked] = [0, 0, 0, 0];
    for (let second = 0; second < 300; second++) {
      if (second % 60 === 0) for (const end of world.ends) end.say(keepAlive);
      exchange(active);
      await undefined;
      world.clock.advance(1000);
      const isRechoke = world.swarm.choker.countdowns(world.clock.nowMs()).rechokeMs === 0;
      const from = performance.now();
      world.swarm.tick();
      const took = performance.now() - from;
      // The first puts the pieces of fields that have just come in order.
      if (second === 0) continue;
      if (isRechoke) rechokeMs += took;
      else tickMs += took;
      if (isRechoke) rechoked++;
      else ticked++;
    }
    tick = Math.min(tick, tickMs / ticked);
    rechoke = Math.min(rechoke, rechokeMs / rechoked);
  }
  show(`a tick with 50 neighbours, ${activeCount} of them active`, 1e6 * tick);
  show("  with which a round of choking comes: more by", 1e6 * (rechoke - tick));
}

// ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function blocks(pieceCount: number): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const world = new StandInSwarm({ pieceCount });
    world.joinMany(neighbours, 0.8);
    const active = world.activate(5);
    await undefined;
    let count = 0;
    const from = performance.now();
    for (let before = -1; count < 3000 && count > before; ) {
      before = count;
      for (const end of active) {
        const [piece, begin] = end.asked.splice(0, 2);
        if (piece === undefined || begin === undefined) continue;
        end.say(pieceMessageOf(piece, begin));
        count++;
      }
      await undefined;
      if (count % 100 === 0) world.clock.advance(50);
    }
    best = Math.min(best, (1e6 * (performance.now() - from)) / count);
  }
  show("a block: asked for, come, its piece verified and announced", best);
}

// ── the longest call ─────────────────────────────────────────────────────────────────────────────────────────────────

async function stalls(pieceCount: number): Promise<void> {
  const longest = new Map<string, number>();
  const timed = <T>(name: string, run: () => T): T => {
    const from = performance.now();
    const result = run();
    longest.set(name, Math.max(longest.get(name) ?? 0, performance.now() - from));
    return result;
  };
  const priorities = new Uint8Array(pieceCount).fill(2);
  priorities.fill(0, 0, pieceCount >> 1);
  const sequence = Int32Array.from({ length: pieceCount >> 1 }, (_, i) => (pieceCount >> 1) + i);
  for (let round = 0; round < 2; round++) {
    const world = timed("the swarm is made", () => new StandInSwarm({ pieceCount }));
    for (let i = 0; i < neighbours; i++) {
      const field = world.someOf(i === 0 ? 1 : i < 25 ? 0.3 : 0.7);
      timed("a neighbour comes, with its bitfield", () => world.join(field));
    }
    // One that has little, and that little is common.
    const poor = world.join(world.someOf(0));
    const common = Array.from({ length: 50 }, () => world.anyPiece());
    for (const piece of common) for (const end of world.ends) end.sayHave(piece);
    const active = world.activate(6);
    poor.isListening = true;
    timed("a neighbour with little lets us ask", () => poor.sayBare(messageId.unchoke));
    for (let i = 0; i < 2000; i++) {
      const [piece, begin] = active[i % 6]?.asked.splice(0, 2) ?? [];
      if (piece !== undefined && begin !== undefined) {
        timed("a block comes", () => active[i % 6]?.say(pieceMessageOf(piece, begin)));
      }
      timed("a have comes", () => world.anyEnd().sayHave(world.anyPiece()));
      if (i % 50 === 0) {
        world.clock.advance(1000);
        timed("a tick", () => world.swarm.tick());
      }
      await undefined;
    }
    timed("half is skipped", () => world.swarm.setPriorities(priorities, undefined));
    timed("the rest is wanted in sequence", () => world.swarm.setPriorities(priorities, sequence));
    timed("all is wanted again", () => world.swarm.setPriorities(undefined, undefined));
    const [, second] = world.ends;
    const gone = second?.neighbour;
    if (gone !== undefined) timed("a neighbour leaves", () => world.swarm.removeNeighbour(gone));
  }
  console.log("the longest of single calls");
  for (const [name, ms] of longest) show(`  ${name}`, 1e6 * ms);
}

// ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function memoryInUse(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function memory(pieceCount: number): Promise<void> {
  const count = 1000;
  const world = new StandInSwarm({ pieceCount });
  world.join(world.someOf(0));
  const before = await memoryInUse();
  for (let i = 0; i < count; i++) world.join(world.someOf(0.3));
  const after = await memoryInUse();
  console.log(`${"memory of a neighbour, choked".padEnd(72)}${formatSize((after - before) / count).padStart(12)}`);
}

async function sessionMemory(pieceCount: number): Promise<void> {
  const sessionCount = neighbours + 1;
  const before = await memoryInUse();
  const world = new SessionWorld();
  const torrent = world.torrent("content", pieceLength * pieceCount, pieceLength);
  const sessions: Session[] = [];
  for (let i = 0; i < sessionCount; i++) {
    const session = await world.start(`10.0.0.${i + 1}`, {
      isSeed: i === 0,
      maxUpRate: 65_536,
      listen: { address: `10.0.0.${i + 1}`, port: 6881 },
    });
    await world.add(session, torrent);
    sessions.push(session);
  }
  await world.run(5);
  const alone = await memoryInUse();
  const line = (name: string, bytes: number) => {
    console.log(`${name.padEnd(72)}${formatSize(bytes / sessionCount).padStart(12)}`);
  };
  line("memory of a session with one torrent, alone", alone - before);
  for (const [i, session] of sessions.entries()) {
    const peers = sessions.slice(0, i).map(({ listening }) => ({ address: listening?.address ?? "", port: 6881 }));
    for (const one of session.torrents.values()) one.run?.addPeers(peers, "tracker");
    await world.run(1);
  }
  const lines = () =>
    sessions.reduce((sum, session) => {
      let count = sum;
      for (const one of session.torrents.values()) count += one.swarm?.neighbours.size ?? 0;
      return count;
    }, 0);
  console.log(`  (${lines() / sessionCount} neighbours each)`);
  line("  with its neighbours, at the beginning", (await memoryInUse()) - before);
  await world.run(120);
  line("  after two minutes of exchange", (await memoryInUse()) - before);
  await world.close();
}

const given = process.argv.slice(2).map(Number);
for (const pieceCount of given.length > 0 ? given : [1024, 2_000_000]) {
  if (pieceCount === 0) continue;
  console.log(`\n${pieceCount} pieces`);
  await haves(pieceCount);
  await announced(pieceCount);
  await ticks(pieceCount, 0);
  await ticks(pieceCount, 5);
  await blocks(pieceCount);
  await stalls(pieceCount);
}
await memory(1024);
await sessionMemory(1024);
