/**
 * Sequential mode leaves no holes behind slow neighbours: what is needed next and asked of one that will not have sent it
 * for a while is also asked of one that will. The first to come wins and the other is cancelled. Only where it matters,
 * a few blocks at a time: a cancel seldom overtakes its block, so each duplicate is paid for.
 */
import { blockLength } from "../metainfo/geometry.ts";
import type { ActivePiece, BlockLedger } from "./block-ledger.ts";
import type { Neighbour } from "./neighbour.ts";
import type { PiecePicker } from "./piece-picker.ts";
import type { SwarmLimits } from "./swarm-limits.ts";

/** The next pieces of the sequence that are looked after. */
const foremostMax = 4;
/** A piece that has been under way for no longer is not late. */
const patienceTicks = 3;
/** A neighbour whose queue takes longer than this is slow: windows are made for half a second and the round trip. */
const lateSeconds = 3;
/** Blocks that one neighbour is asked for in place of others, each second. */
const blocksPerHelperMax = 16;

/** About once a second. Does nothing where the mode is not sequential. */
export function hurry(
  picker: PiecePicker,
  ledger: BlockLedger,
  neighbours: ReadonlyMap<number, Neighbour>,
  limits: SwarmLimits,
  nowMs: number,
): void {
  const late = picker.foremost(foremostMax).filter((active) => active.ticks >= patienceTicks && isShared(active));
  if (late.length === 0) return;
  const waits = new Map([...neighbours.values()].map((one) => [one, secondsOfQueue(one, nowMs)]));
  const helpers = [...waits.keys()].filter(mayHelp).sort((a, b) => (waits.get(a) ?? 0) - (waits.get(b) ?? 0));
  const askedFor = new Map<number, Neighbour>();
  for (const one of neighbours.values()) for (const { key } of one.pipeline.all()) askedFor.set(key, one);
  for (const helper of helpers) {
    const wait = waits.get(helper) ?? 0;
    const room = Math.min(blocksPerHelperMax, helper.pipeline.urgentRoom);
    const found: { active: ActivePiece; block: number }[] = [];
    for (const active of late) {
      if (!helper.field.has(active.piece)) continue;
      for (let block = 0; block < active.blockCount && found.length < room; block++) {
        if (active.has(block) || active.requesters[block] !== 1) continue;
        const key = ledger.keyOf(active.piece, block);
        const asked = askedFor.get(key);
        const askedWait = asked === undefined ? 0 : (waits.get(asked) ?? 0);
        if (askedWait < lateSeconds || asked === helper || wait > askedWait / 2) continue;
        found.push({ active, block });
      }
    }
    const granted = found.length === 0 ? [] : found.slice(0, limits.grantRequests(helper, found.length));
    for (const { active, block } of granted) {
      ledger.request(active, block);
      helper.request(active, block, nowMs);
    }
    if (granted.length > 0) helper.seeTime();
  }
}

function isShared(active: ActivePiece): boolean {
  return active.owner === undefined && !active.isParked && !active.isReceived;
}

function mayHelp(one: Neighbour): boolean {
  return !one.peerChoking && !one.isSuspect && !one.isSnubbed && one.down.total > 0;
}

/** How long what it is asked for will take at its rate. */
function secondsOfQueue(one: Neighbour, nowMs: number): number {
  const bytes = one.pipeline.outstanding * blockLength;
  return bytes === 0 ? 0 : bytes / Math.max(1, one.down.rate(nowMs));
}
