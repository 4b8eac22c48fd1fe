/**
 * One UDP tracker at one address (BEP 15): what is asked of it, and the connection id that it gave us. The id is asked for
 * once for all requests that wait, holds for a minute, and is asked for anew whenever a request was not answered with it:
 * the tracker may have started again. What is not answered within 15·2ⁿ s is sent again, as long as anybody waits.
 *
 * Only what comes from the tracker's address, carries the transaction id of something under way (32 random bits) and is
 * what was asked for counts; all else is as if it had never come (HOSTILE C6).
 */
import type { OperationalError } from "../base/errors.ts";
import { type Random, randomBelow } from "../base/random.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { TrackerRefusal } from "./tracker-call.ts";
import {
  encodeConnect,
  parseConnectAnswer,
  parseUdpError,
  type UdpAnswerHead,
  udpAction,
  udpHeadLength,
} from "./udp-tracker-codec.ts";

/** BEP 15: how long a client may go on using an id; trackers take it a minute longer. */
export const connectionLifeMs = 60_000;
const retransmitFirstMs = 15_000;
/** BEP 15: no wait is longer than 15·2⁸ s. */
const retransmitsMax = 8;

/** What is asked. Exactly one of `refused` and a `take` that returns true ends it. */
export interface UdpRequest {
  readonly action: typeof udpAction.announce | typeof udpAction.scrape;
  encode(connectionId: bigint, transactionId: number): Uint8Array;
  /** @returns whether the answer makes sense; otherwise a better one is waited for. */
  take(answer: Uint8Array): boolean;
  /** The tracker says no, or cannot be reached. */
  refused(error: OperationalError): void;
}

interface UnderWay {
  readonly request: UdpRequest;
  transactionId: number | undefined;
  /** It was sent with an id that was there before it. */
  isByOldId: boolean;
  sentCount: number;
  timer: Timer | undefined;
}

export class UdpTracker {
  readonly #ports: { readonly clock: Clock; readonly random: Random };
  readonly #send: (bytes: Uint8Array) => void;
  readonly #underWay = new Set<UnderWay>();
  #connectionId: bigint | undefined;
  #connectedMs = 0;
  #connect: { readonly transactionId: number; readonly timer: Timer } | undefined;

  constructor(ports: { readonly clock: Clock; readonly random: Random }, send: (bytes: Uint8Array) => void) {
    this.#ports = ports;
    this.#send = send;
  }

  /** Nobody waits, and there is nothing worth keeping. */
  get isForgettable(): boolean {
    return this.#underWay.size === 0 && !this.#isConnected;
  }

  /** @returns gives the request up; does nothing once that is over. */
  ask(request: UdpRequest): () => void {
    const one: UnderWay = { request, transactionId: undefined, isByOldId: false, sentCount: 0, timer: undefined };
    this.#underWay.add(one);
    if (this.#isConnected) {
      one.isByOldId = true;
      this.#sendRequest(one);
    } else if (this.#connect === undefined) this.#sendConnect();
    return () => this.#end(one);
  }

  /** A datagram from its address. */
  received(bytes: Uint8Array, head: UdpAnswerHead): void {
    if (head.transactionId === this.#connect?.transactionId) {
      this.#connectAnswered(bytes, head.action);
      return;
    }
    for (const one of this.#underWay)
      if (one.transactionId === head.transactionId) this.#answered(one, bytes, head.action);
  }

  /** Nothing can be sent there. */
  unreachable(error: OperationalError): void {
    this.#stopConnecting();
    this.#refuseAll(error);
  }

  get #isConnected(): boolean {
    return this.#connectionId !== undefined && this.#ports.clock.nowMs() - this.#connectedMs < connectionLifeMs;
  }

  #sendConnect(sentCount = 0, transactionId = this.#newTransactionId()): void {
    const again = () => this.#sendConnect(sentCount + 1, transactionId);
    this.#connect = { transactionId, timer: this.#ports.clock.after(waitMs(sentCount), again) };
    this.#send(encodeConnect(transactionId));
  }

  #connectAnswered(bytes: Uint8Array, action: number): void {
    if (action === udpAction.error) {
      this.#stopConnecting();
      this.#refuseAll(new TrackerRefusal(parseUdpError(bytes)));
      return;
    }
    const connectionId = action === udpAction.connect ? parseConnectAnswer(bytes) : undefined;
    if (connectionId === undefined) return;
    this.#stopConnecting();
    this.#connectionId = connectionId;
    this.#connectedMs = this.#ports.clock.nowMs();
    for (const one of this.#underWay) if (one.timer === undefined) this.#sendRequest(one);
  }

  #sendRequest(one: UnderWay): void {
    if (this.#connectionId === undefined) return;
    one.transactionId = this.#newTransactionId();
    one.timer = this.#ports.clock.after(waitMs(one.sentCount), () => this.#connectAnewFor(one));
    one.sentCount++;
    this.#send(one.request.encode(this.#connectionId, one.transactionId));
  }

  #answered(one: UnderWay, bytes: Uint8Array, action: number): void {
    if (action === udpAction.error) {
      // Most likely it does not know the id any more.
      if (one.isByOldId) this.#connectAnewFor(one);
      else this.#refuse(one, new TrackerRefusal(parseUdpError(bytes)));
      return;
    }
    if (action !== one.request.action) return;
    // opentracker's word for a torrent that is not on its list.
    if (bytes.length === udpHeadLength)
      this.#refuse(one, new TrackerRefusal("the tracker does not track this torrent"));
    else if (one.request.take(bytes)) this.#end(one);
  }

  #connectAnewFor(one: UnderWay): void {
    one.timer?.cancel();
    one.timer = undefined;
    one.isByOldId = false;
    this.#connectionId = undefined;
    if (this.#connect === undefined) this.#sendConnect();
  }

  #end(one: UnderWay): void {
    one.timer?.cancel();
    this.#underWay.delete(one);
    if (this.#underWay.size === 0) this.#stopConnecting();
  }

  #refuseAll(error: OperationalError): void {
    for (const one of [...this.#underWay]) this.#refuse(one, error);
  }

  #refuse(one: UnderWay, error: OperationalError): void {
    this.#end(one);
    one.request.refused(error);
  }

  #stopConnecting(): void {
    this.#connect?.timer.cancel();
    this.#connect = undefined;
  }

  #newTransactionId(): number {
    return randomBelow(this.#ports.random, 2 ** 32);
  }
}

function waitMs(sentCount: number): number {
  return retransmitFirstMs * 2 ** Math.min(retransmitsMax, sentCount);
}
