/**
 * How much an active torrent may take and give, of what is its own and within what is for all.
 *
 * Downloads are limited where blocks are asked for: a request pays for its block, and what then comes is paid. So blocks
 * arrive as evenly as they are asked for, and what else a neighbour says is read at once. What comes unpaid (it was asked
 * for before there was a limit, or by nobody) is booked when it is read; see PeerConnection for who sends too much of it.
 */
import { blockLength } from "../../metainfo/geometry.ts";
import type { Neighbour } from "../../swarm/neighbour.ts";
import type { Swarm } from "../../swarm/swarm.ts";
import type { SwarmLimits } from "../../swarm/swarm-limits.ts";
import type { TorrentChoices } from "../profile/torrent-choices.ts";
import type { SessionRules } from "../session-rules.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { TorrentLimit } from "./torrent-limit.ts";

/** Of the neighbours that a torrent may have, those we seek by dialling; the rest is for those who come to us. */
const soughtShare = 5 / 8;

/** What a neighbour may still send, because it was asked for and paid. */
interface Payment {
  bytes: number;
  isWaiting: boolean;
  /** Stands in line for more. */
  readonly again: () => void;
}

export class RunLimits implements SwarmLimits {
  readonly down: TorrentLimit;
  readonly #up: TorrentLimit;
  readonly #choices: () => TorrentChoices;
  readonly #rules: () => SessionRules;
  readonly #requestMore: (neighbour: Neighbour) => void;
  readonly #payments = new Map<Neighbour, Payment>();

  /** @param choices of the torrent, as they are now. @param requestMore asks a neighbour for what it may be asked now. */
  constructor(services: TorrentServices, choices: () => TorrentChoices, requestMore: (neighbour: Neighbour) => void) {
    const { ports, downLimit, upLimit } = services;
    this.down = new TorrentLimit(ports.clock, downLimit, choices().maxDownRate);
    this.#up = new TorrentLimit(ports.clock, upLimit, choices().maxUpRate);
    this.#choices = choices;
    this.#rules = services.rules;
    this.#requestMore = requestMore;
  }

  /** `undefined`: by the upload rate. */
  get regularSlots(): number | undefined {
    const slots = this.#choices().slots ?? this.#rules().limits.slots;
    return slots === 0 ? undefined : Math.max(0, slots);
  }

  get neighboursMax(): number {
    return this.#choices().connections ?? this.#rules().network.connectionsPerTorrent;
  }

  get neighboursSought(): number {
    return Math.ceil(this.neighboursMax * soughtShare);
  }

  /** Choices or rules are others now. */
  apply(swarm: Swarm | undefined): void {
    const { maxDownRate, maxUpRate } = this.#choices();
    this.down.setLimit(maxDownRate);
    this.#up.setLimit(maxUpRate);
    swarm?.setLimits(this.regularSlots, this.neighboursMax);
  }

  grantUpload(neighbour: Neighbour, bytes: number): boolean {
    if (this.#up.take(bytes)) return true;
    this.#up.wait(neighbour.serveUploads);
    return false;
  }

  grantRequests(neighbour: Neighbour, count: number): number {
    if (!this.down.isLimited) return count;
    const payment = this.#payments.get(neighbour) ?? this.#newPayment(neighbour);
    this.#payments.set(neighbour, payment);
    this.#refund(neighbour, payment);
    let granted = 0;
    while (granted < count && this.down.take(blockLength)) granted++;
    payment.bytes += granted * blockLength;
    payment.isWaiting = granted < count;
    if (payment.isWaiting) this.down.wait(payment.again);
    return granted;
  }

  requestsUnused(neighbour: Neighbour): void {
    const payment = this.#payments.get(neighbour);
    if (payment === undefined) return;
    payment.isWaiting = false;
    this.down.forget(payment.again);
    this.#refund(neighbour, payment);
  }

  /** Bytes have come. @returns how many of them are paid. */
  takePaid(neighbour: Neighbour, bytes: number): number {
    if (this.#payments.size === 0) return 0;
    const payment = this.#payments.get(neighbour);
    if (payment === undefined) return 0;
    const used = Math.min(payment.bytes, bytes);
    payment.bytes -= used;
    return used;
  }

  /** Whether more would be asked of it if a limit allowed it. */
  isHeldBack(neighbour: Neighbour): boolean {
    return this.down.isLimited && this.#payments.get(neighbour)?.isWaiting === true;
  }

  left(neighbour: Neighbour): void {
    this.requestsUnused(neighbour);
    this.#payments.delete(neighbour);
  }

  close(): void {
    for (const neighbour of [...this.#payments.keys()]) this.left(neighbour);
    this.down.close();
    this.#up.close();
  }

  #newPayment(neighbour: Neighbour): Payment {
    return { bytes: 0, isWaiting: false, again: () => this.#requestMore(neighbour) };
  }

  /** For requests that were given up, rejected or never made. */
  #refund(neighbour: Neighbour, payment: Payment): void {
    const surplus = payment.bytes - neighbour.pipeline.outstanding * blockLength;
    if (surplus <= 0) return;
    payment.bytes -= surplus;
    this.down.spend(-surplus);
  }
}
