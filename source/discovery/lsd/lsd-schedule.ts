/**
 * When which torrents are said on the local network (BEP 14 "Usage"): each every five minutes, all together no more than one
 * message a minute, a few at once after a pause. Where there are few torrents each has a message of its own, as old
 * implementations read one alone; of many, downloads come first, then whoever waits longest.
 */
import type { InfoHash } from "../../base/ids.ts";
import { type Random, randomFraction } from "../../base/random.ts";
import { lsdHashesMax } from "./lsd-codec.ts";

export interface LsdSubject {
  readonly infoHash: InfoHash;
  readonly isSeed: boolean;
}

const intervalMs = 5 * 60_000;
/** Between two times that a torrent is said out of turn, because somebody on the network looks for it. */
const hurryMs = 60_000;
const perMessageMs = 60_000;
/** Messages at once after a pause; as many torrents have messages of their own. */
const burstMax = 5;

interface Said {
  dueMs: number;
  saidMs: number;
  isSeed: boolean;
  isPresent: boolean;
}

export class LsdSchedule {
  readonly #random: Random;
  readonly #all = new Map<InfoHash, Said>();
  #messages = burstMax;
  #countedMs: number | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Somebody looks for it: he should hear of us soon. */
  hurry(infoHash: InfoHash, nowMs: number): void {
    const said = this.#all.get(infoHash);
    if (said !== undefined && nowMs - said.saidMs >= hurryMs) said.dueMs = nowMs;
  }

  /** Everything is due at once: there may be others to hear it now. */
  again(): void {
    for (const said of this.#all.values()) said.dueMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns the torrents of each message that may be sent now. They count as said. */
  messages(subjects: Iterable<LsdSubject>, nowMs: number): readonly (readonly InfoHash[])[] {
    this.#follow(subjects);
    this.#messages = Math.min(burstMax, this.#messages + (nowMs - (this.#countedMs ?? nowMs)) / perMessageMs);
    this.#countedMs = nowMs;
    const due: (readonly [InfoHash, Said])[] = [];
    // Of thousands few are due: the others cost no object.
    this.#all.forEach((said, infoHash) => {
      if (said.dueMs <= nowMs) due.push([infoHash, said]);
    });
    due.sort(([, a], [, b]) => Number(a.isSeed) - Number(b.isSeed) || a.dueMs - b.dueMs);
    const perMessage = this.#all.size <= burstMax ? 1 : lsdHashesMax;
    const messages: InfoHash[][] = [];
    for (let at = 0; at < due.length && this.#messages >= 1; at += perMessage, this.#messages--) {
      const part = due.slice(at, at + perMessage);
      for (const [, said] of part) {
        said.saidMs = nowMs;
        said.dueMs = nowMs + intervalMs * (0.9 + randomFraction(this.#random) / 5);
      }
      messages.push(part.map(([infoHash]) => infoHash));
    }
    return messages;
  }

  #follow(subjects: Iterable<LsdSubject>): void {
    for (const said of this.#all.values()) said.isPresent = false;
    for (const { infoHash, isSeed } of subjects) {
      const said = this.#all.get(infoHash);
      if (said === undefined) {
        const never = Number.NEGATIVE_INFINITY;
        this.#all.set(infoHash, { dueMs: never, saidMs: never, isSeed, isPresent: true });
      } else {
        said.isPresent = true;
        said.isSeed = isSeed;
      }
    }
    this.#all.forEach(({ isPresent }, infoHash) => {
      if (!isPresent) this.#all.delete(infoHash);
    });
  }
}
