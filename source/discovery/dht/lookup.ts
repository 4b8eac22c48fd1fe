/**
 * The way to the nodes closest to a target, by asking ever closer ones (Kademlia 2.3; BEP 5). A few are asked at a time;
 * who takes longer than usual is not waited for, but may still answer. It ends when the closest that we know of have all
 * answered, when nobody is left, or when whoever asked has enough.
 *
 * Whose id does not follow from its address (BEP 42) is asked, and counts only where there are not enough others: it may
 * have chosen its place. One host is asked a few times at most, whatever ids it is given, and one answer names a few
 * candidates: liars cost time, not the result. Where the closest lie far thinner than nodes do around ourselves, a clique may
 * have named but its own, and others are asked, too, until that is not so.
 */
import { type Endpoint, formatEndpoint, mayName } from "../../base/ip-address.ts";
import type { Contact } from "./contact.ts";
import type { Answer, Query } from "./krpc.ts";
import { compareDistance, type NodeId } from "./node-id.ts";
import type { Asking } from "./open-queries.ts";
import { bucketSize, hostOf } from "./routing-table.ts";
import { isSecureId } from "./secure-id.ts";

/** Asked at a time (Kademlia's α). */
const parallel = 4;
/** Of them, such as may have chosen their place: made-up ids beside the target hold up a quarter of us. */
const parallelInsecure = 1;
/** In all; some 30 do in a network of millions. */
const askedMax = 200;
const candidatesMax = 400;
/** Under however many ids. */
const askedPerHostMax = 2;
/** Of one family, out of one answer: BEP 5's k. */
const namedMax = bucketSize;
/** Those that must have answered at the very most, if they never lie as densely as they should. */
const neededMax = 6 * bucketSize;
/** Where too few have ids that count, it ends after so many: half the network may not keep BEP 42. */
const answeredFactor = 4;

/** A node that has answered. */
export interface Found extends Contact {
  readonly answer: Answer;
}

export interface LookupResult {
  /** The closest that answered, closest first, at most eight. */
  readonly closest: readonly Found[];
  /** Queries sent. */
  readonly asked: number;
  /** The longest way to one of the closest: 1 for those that we knew. */
  readonly hops: number;
}

export interface LookupHost {
  readonly family: 4 | 6;
  readonly id: NodeId;
  ask(to: Contact | Endpoint, query: Query, asking: Asking): void;
  /** Whether the eighth closest of a target may be as far from it as this one, as densely as nodes lie elsewhere. */
  isDense(target: NodeId, eighth: NodeId): boolean;
}

export interface LookupOptions {
  readonly target: NodeId;
  readonly query: Query;
  /** To begin with: nodes, and endpoints of which no id is known. */
  readonly from: readonly (Contact | Endpoint)[];
  /** Whether who answers so may be one of the closest. Default: whoever answers. */
  readonly counts?: (answer: Answer) => boolean;
  /** After each answer. @returns whether that is enough. */
  readonly onAnswer?: (answer: Answer, from: Contact) => boolean;
  /** Exactly once, however it ends. */
  readonly onDone: (result: LookupResult) => void;
}

interface Candidate {
  readonly contact: Contact;
  readonly isSecure: boolean;
  readonly hops: number;
  /** `useless`: it has answered, but does not count. */
  state: "new" | "asked" | "slow" | "answered" | "useless" | "failed";
  answer: Answer | undefined;
}

export class Lookup {
  readonly #host: LookupHost;
  readonly #options: LookupOptions;
  /** Closest first. */
  readonly #candidates: Candidate[] = [];
  readonly #known = new Set<string>();
  readonly #askedOfHost = new Map<string, number>();
  /** Asked and waited for. */
  #awaited = 0;
  #awaitedInsecure = 0;
  /** Asked and not waited for, but there is nobody else. */
  #late = 0;
  #asked = 0;
  /** So many of the closest must have answered. */
  #needed = bucketSize;
  #isOver = false;

  constructor(host: LookupHost, options: LookupOptions) {
    this.#host = host;
    this.#options = options;
    for (const start of options.from) {
      if ("id" in start) this.#add(start, 1);
      else this.#askUnknown(start);
    }
    this.#step();
  }

  /** Ends it now, with what was found so far. */
  close(): void {
    this.#finish();
  }

  #step(): void {
    if (this.#isOver) return;
    let answered = 0;
    let secure = 0;
    let isAwaited = false;
    const isEnough = (): boolean => secure >= this.#needed || answered >= answeredFactor * this.#needed;
    for (const candidate of this.#candidates) {
      if (isEnough()) break;
      if (candidate.state === "answered") {
        answered++;
        if (candidate.isSecure) secure++;
      } else if (candidate.state === "new" && this.#asked < askedMax) {
        if (this.#awaited >= parallel) return;
        if (!candidate.isSecure && this.#awaitedInsecure >= parallelInsecure) continue;
        if (this.#ask(candidate)) isAwaited ||= candidate.isSecure;
      } else if (candidate.state === "asked") isAwaited ||= candidate.isSecure;
    }
    // Who is late is waited for where there are not even eight.
    const mayCome = this.#needed > bucketSize ? this.#awaited > 0 : this.#awaited + this.#late > 0;
    if (isEnough() ? isAwaited : mayCome) return;
    if (isEnough() && this.#needed < neededMax && !this.#isDense()) {
      this.#needed += bucketSize;
      this.#step();
    } else this.#finish();
  }

  #isDense(): boolean {
    const eighth = this.#closest()[bucketSize - 1];
    return eighth === undefined || this.#host.isDense(this.#options.target, eighth.contact.id);
  }

  /** Of those that answered, the eight that count, closest first. */
  #closest(): readonly Candidate[] {
    const answered = this.#candidates.filter(({ state }) => state === "answered");
    const secure = answered.filter(({ isSecure }) => isSecure).slice(0, bucketSize);
    return secure.length === bucketSize ? secure : fill(secure, answered);
  }

  /** @returns `false` where it is not worth it. */
  #ask(candidate: Candidate): boolean {
    const { contact } = candidate;
    const host = hostOf(contact.endpoint);
    const times = this.#askedOfHost.get(host) ?? 0;
    if (times >= askedPerHostMax) {
      candidate.state = "failed";
      return false;
    }
    this.#askedOfHost.set(host, times + 1);
    candidate.state = "asked";
    if (!candidate.isSecure) this.#awaitedInsecure++;
    this.#send(contact, {
      waitedOut: () => {
        if (!candidate.isSecure) this.#awaitedInsecure--;
        candidate.state = "slow";
      },
      failed: () => {
        candidate.state = "failed";
      },
      answered: (id, answer) => {
        // Somebody else lives there now, or whoever named it lied.
        if (compareDistance(id, contact.id, id) !== 0) candidate.state = "failed";
        else this.#heard(candidate, answer);
      },
    });
    return true;
  }

  #askUnknown(endpoint: Endpoint): void {
    this.#send(endpoint, {
      waitedOut: () => {},
      failed: () => {},
      answered: (id, answer) => {
        const candidate = this.#add({ id, endpoint }, 1);
        if (candidate !== undefined) this.#heard(candidate, answer);
      },
    });
  }

  #send(
    to: Contact | Endpoint,
    on: {
      /** Before all else: it counts as waited for no more. */
      readonly waitedOut: () => void;
      readonly failed: () => void;
      readonly answered: (id: NodeId, answer: Answer) => void;
    },
  ): void {
    this.#asked++;
    this.#awaited++;
    let isAwaited = true;
    const waitedOut = (): void => {
      if (!isAwaited) return;
      isAwaited = false;
      this.#awaited--;
      this.#late++;
      on.waitedOut();
    };
    this.#host.ask(to, this.#options.query, {
      onSlow: () => {
        waitedOut();
        this.#step();
      },
      onDone: (outcome) => {
        waitedOut();
        this.#late--;
        if (outcome.kind === "answer" && !this.#isOver) on.answered(outcome.id, outcome.answer);
        else on.failed();
        this.#step();
      },
    });
  }

  #heard(candidate: Candidate, answer: Answer): void {
    const { contact: from, hops } = candidate;
    candidate.state = (this.#options.counts?.(answer) ?? true) ? "answered" : "useless";
    candidate.answer = answer;
    const named = (this.#host.family === 4 ? answer.nodes4 : answer.nodes6) ?? [];
    for (const contact of named.slice(0, namedMax)) {
      if (mayName(from.endpoint.address, contact.endpoint.address)) this.#add(contact, hops + 1);
    }
    if (this.#options.onAnswer?.(answer, from) === true) this.#finish();
  }

  /** @returns `undefined` where it is known already, or too far away. */
  #add(contact: Contact, hops: number): Candidate | undefined {
    const { target } = this.#options;
    if (compareDistance(contact.id, this.#host.id, contact.id) === 0) return undefined;
    const key = `${formatEndpoint(contact.endpoint)} ${String.fromCharCode(...contact.id)}`;
    if (this.#known.has(key)) return undefined;
    let low = 0;
    for (let high = this.#candidates.length; low < high; ) {
      const middle = (low + high) >> 1;
      const other = this.#candidates[middle]?.contact.id ?? contact.id;
      if (compareDistance(target, other, contact.id) < 0) low = middle + 1;
      else high = middle;
    }
    if (low >= candidatesMax) return undefined;
    this.#known.add(key);
    const isSecure = isSecureId(contact.id, contact.endpoint.address);
    const candidate: Candidate = { contact, isSecure, hops, state: "new", answer: undefined };
    this.#candidates.splice(low, 0, candidate);
    if (this.#candidates.length > candidatesMax) this.#candidates.pop();
    return candidate;
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const chosen = this.#closest();
    this.#options.onDone({
      closest: chosen.map(({ contact, answer }) => ({ ...contact, answer: answer ?? {} })),
      asked: this.#asked,
      hops: Math.max(0, ...chosen.map(({ hops }) => hops)),
    });
  }
}

/** With those, of all in their order, that have room beside. */
function fill(secure: readonly Candidate[], all: readonly Candidate[]): readonly Candidate[] {
  const others = all.filter(({ isSecure }) => !isSecure).slice(0, bucketSize - secure.length);
  return all.filter((candidate) => secure.includes(candidate) || others.includes(candidate));
}
