/**
 * Queries of ours and their answers (BEP 5 "KRPC": one datagram each way, no retry). An answer counts if it comes from
 * where the query went, with the four random bytes that went along. How many are sent is limited, in all and to each address,
 * so that whoever names us nodes cannot point us at somebody.
 */
import { networkOf } from "../../base/crowd.ts";
import { bytesToHex } from "../../base/hex.ts";
import { type Endpoint, formatEndpoint, localityOf } from "../../base/ip-address.ts";
import { type Random, randomBytes } from "../../base/random.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Answer, AnswerMessage, ErrorMessage } from "./krpc.ts";
import type { NodeId } from "./node-id.ts";
import { RateGate } from "./rate-gate.ts";

export type Outcome =
  | { readonly kind: "answer"; readonly id: NodeId; readonly answer: Answer; readonly seenAs: Endpoint | undefined }
  | { readonly kind: "error"; readonly code: number }
  | { readonly kind: "silence" };

export interface Asking {
  /** It takes longer than answers usually do. May still come. */
  readonly onSlow?: () => void;
  /** Exactly once, and never before `ask` returns: where everything is closed, with silence. */
  readonly onDone: (outcome: Outcome) => void;
}

interface Waiting {
  readonly endpoint: Endpoint;
  readonly encode: (transaction: Uint8Array) => Uint8Array;
  readonly asking: Asking;
}

interface Open extends Asking {
  readonly endpoint: Endpoint;
  readonly transaction: string;
  readonly sentMs: number;
  slowTimer: Timer | undefined;
  timer: Timer;
  /** Datagrams from there that were looked at for its sake. */
  looks: number;
}

const timeoutMs = 6_000;
const slowMinMs = 250;
const slowMaxMs = 2_000;
/** What one of them has sent and we look at, whatever else comes from there: an answer, and a query or two besides. */
const looksMax = 4;
/** All lookups together have fewer under way. */
const openMax = 1_000;
/** Some 10 KB a second, twice what a node that answers others has to do besides. */
const pace = { perSecond: 100, burst: 150, places: 1 };
const pacePerAddress = { perSecond: 5, burst: 20 };
/** More are given up at once. */
const waitingMax = 1_000;

export class OpenQueries {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #send: (bytes: Uint8Array, remote: Endpoint) => void;
  readonly #open = new Map<string, Open[]>();
  #openCount = 0;
  readonly #waiting: Waiting[] = [];
  #waitingTimer: Timer | undefined;
  readonly #pace: RateGate;
  readonly #perAddress: RateGate;
  /** Of answers, as TCP keeps it (RFC 6298). */
  #roundTripMs = 400;
  #deviationMs = 150;
  #isClosed = false;
  /** Sent in all, and left without an answer. */
  sent = 0;
  unanswered = 0;

  /** @param places of the gate that limits what goes to each address. */
  constructor(clock: Clock, random: Random, send: (bytes: Uint8Array, remote: Endpoint) => void, places: number) {
    this.#clock = clock;
    this.#random = random;
    this.#send = send;
    this.#pace = new RateGate(random, pace);
    this.#perAddress = new RateGate(random, { ...pacePerAddress, places });
  }

  /** After so long an answer is late. */
  get slowMs(): number {
    return Math.min(slowMaxMs, Math.max(slowMinMs, this.#roundTripMs + 4 * this.#deviationMs));
  }

  /** Sends now, or as soon as the pace allows. @param encode the datagram, given its transaction. */
  ask(endpoint: Endpoint, encode: (transaction: Uint8Array) => Uint8Array, asking: Asking): void {
    if (this.#isClosed || this.#waiting.length >= waitingMax) this.#refuse(asking);
    else if (this.#waiting.length === 0 && this.#pace.admits("", this.#clock.nowMs())) {
      this.#ask({ endpoint, encode, asking });
    } else {
      this.#waiting.push({ endpoint, encode, asking });
      this.#wait();
    }
  }

  /** Whether somebody there has been asked, and has not answered yet. */
  isAsking(remote: Endpoint): boolean {
    return this.#open.has(formatEndpoint(remote));
  }

  /** Whether an answer may come from there: then a datagram is worth a look, however many others come. */
  expects(remote: Endpoint): boolean {
    const open = this.#open.get(formatEndpoint(remote))?.find(({ looks }) => looks < looksMax);
    if (open === undefined) return false;
    open.looks++;
    return true;
  }

  /** @returns whether it belongs to a query of ours. */
  settle(message: AnswerMessage | ErrorMessage, remote: Endpoint): boolean {
    const transaction = bytesToHex(message.transaction);
    const open = this.#open.get(formatEndpoint(remote))?.find((each) => each.transaction === transaction);
    if (open === undefined) return false;
    this.#measure(this.#clock.nowMs() - open.sentMs);
    this.#forget(open);
    if (message.kind === "error") open.onDone({ kind: "error", code: message.code });
    else open.onDone({ kind: "answer", id: message.id, answer: message.answer, seenAs: message.seenAs });
    return true;
  }

  /** Nobody is asked any more. Whoever waits for an answer is told before this returns. */
  close(): void {
    this.#isClosed = true;
    this.#waitingTimer?.cancel();
    const waiting = this.#waiting.splice(0);
    const open = [...this.#open.values()].flat();
    // Whoever is told may look here: by then nothing is under way.
    for (const each of open) this.#forget(each);
    for (const { onDone } of [...open, ...waiting.map(({ asking }) => asking)]) onDone({ kind: "silence" });
  }

  #refuse({ onDone }: Asking): void {
    this.#clock.after(0, () => onDone({ kind: "silence" }));
  }

  #ask({ endpoint, encode, asking }: Waiting): void {
    const now = this.#clock.nowMs();
    // On loopback all programs of a machine have one address.
    const isLimited = localityOf(endpoint.address) !== "loopback";
    const isRefused = isLimited && !this.#perAddress.admits(networkOf(endpoint.address), now);
    if (isRefused || this.#openCount >= openMax) {
      this.#refuse(asking);
      return;
    }
    const transaction = randomBytes(this.#random, 4);
    const open: Open = {
      ...asking,
      endpoint,
      transaction: bytesToHex(transaction),
      sentMs: now,
      slowTimer: this.#clock.after(this.slowMs, () => {
        open.slowTimer = undefined;
        asking.onSlow?.();
      }),
      timer: this.#clock.after(timeoutMs, () => {
        this.unanswered++;
        this.#forget(open);
        asking.onDone({ kind: "silence" });
      }),
      looks: 0,
    };
    const key = formatEndpoint(endpoint);
    const list = this.#open.get(key);
    if (list === undefined) this.#open.set(key, [open]);
    else list.push(open);
    this.#openCount++;
    this.sent++;
    this.#send(encode(transaction), endpoint);
  }

  #wait(): void {
    this.#waitingTimer ??= this.#clock.after(this.#pace.waitMs("", this.#clock.nowMs()), () => {
      this.#waitingTimer = undefined;
      while (this.#waiting.length > 0 && this.#pace.admits("", this.#clock.nowMs())) {
        const next = this.#waiting.shift();
        if (next !== undefined) this.#ask(next);
      }
      if (this.#waiting.length > 0) this.#wait();
    });
  }

  #forget(open: Open): void {
    open.slowTimer?.cancel();
    open.timer.cancel();
    const key = formatEndpoint(open.endpoint);
    const list = this.#open.get(key);
    const at = list?.indexOf(open) ?? -1;
    if (list === undefined || at < 0) return;
    list.splice(at, 1);
    this.#openCount--;
    if (list.length === 0) this.#open.delete(key);
  }

  #measure(ms: number): void {
    this.#deviationMs += (Math.abs(ms - this.#roundTripMs) - this.#deviationMs) / 4;
    this.#roundTripMs += (ms - this.#roundTripMs) / 8;
  }
}
