/**
 * How a node comes into the network, and back into it: by the nodes that it knew when it last ran, else by hosts that the user
 * has configured (BEP 5 "routing table"). Tried again, ever more seldom, for as long as it knows too few.
 *
 * Hosts that are given by name are there for everybody to begin with: they are asked, and not kept in the table.
 */
import { messageOf } from "../../base/errors.ts";
import { canonicalAddress, type Endpoint, parseHostPort } from "../../base/ip-address.ts";
import type { Contact } from "./contact.ts";
import type { DhtNode } from "./dht-node.ts";
import { bucketSize } from "./routing-table.ts";

/** Of those that were saved, the ones seen last: many of them have gone, some have not. */
const savedAskedMax = 40;
const hostsMax = 20;
const addressesPerHostMax = 4;
const retryMs = 15_000;
const retryMaxMs = 10 * 60_000;

export interface BootstrapOptions {
  readonly saved: readonly Contact[];
  /** `HOST:PORT`. */
  readonly hosts: () => readonly string[];
  /** Whether names may be looked up at all: not where only this machine can be reached. */
  readonly mayResolve: boolean;
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

export class Bootstrap {
  /** Why nobody was found, "" where somebody was, or may be yet. */
  problem = "";
  readonly #node: DhtNode;
  readonly #options: BootstrapOptions;
  #saved: readonly Contact[];
  #isUnderWay = false;
  #dueMs = 0;
  #failures = 0;

  constructor(node: DhtNode, options: BootstrapOptions) {
    this.#node = node;
    this.#options = options;
    this.#saved = options.saved;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** About once a second. */
  tick(): void {
    const { good } = this.#counts();
    if (good > 0) this.problem = "";
    if (good >= bucketSize) this.#failures = 0;
    if (good >= bucketSize || this.#isUnderWay || this.#node.ports.clock.nowMs() < this.#dueMs) return;
    this.#isUnderWay = true;
    void this.#begin()
      .catch((error: unknown) => {
        this.problem = messageOf(error);
      })
      .then(() => {
        this.#isUnderWay = false;
        const delayMs = Math.min(retryMaxMs, retryMs * 2 ** this.#failures++);
        this.#dueMs = this.#node.ports.clock.nowMs() + delayMs;
      });
  }

  /** What was out of reach may be in reach. */
  networkChanged(): void {
    this.#dueMs = 0;
    this.#failures = 0;
  }

  async #begin(): Promise<void> {
    const saved = this.#saved.slice(0, savedAskedMax);
    this.#saved = [];
    if (saved.length > 0) await this.#findSelf(saved);
    // A node that is closed has no way to the outside: not even names may be looked up.
    if (this.#node.isClosed || this.#counts().good >= bucketSize) return;
    const { endpoints, problem } = await this.#firstNodes();
    if (endpoints.length > 0 || this.#node.table.size > 0) await this.#findSelf(endpoints);
    if (this.#counts().good > 0) return;
    const few = endpoints.length === 1 ? "the only node that it could begin with did not answer" : "";
    const many = few === "" ? `none of the ${endpoints.length} nodes that it could begin with answered` : few;
    this.problem = endpoints.length === 0 ? problem : many;
  }

  async #firstNodes(): Promise<{ readonly endpoints: readonly Endpoint[]; readonly problem: string }> {
    const { hosts, mayResolve, resolve } = this.#options;
    let problem = mayResolve
      ? "it knows no node to begin with: name some in dht.bootstrap"
      : "it is bound to loopback, and asks nobody outside";
    const found = await Promise.all(
      hosts()
        .slice(0, hostsMax)
        .map(async (text): Promise<readonly Endpoint[]> => {
          const { host, port } = parseHostPort(text);
          const address = canonicalAddress(host);
          if (address !== undefined) return [{ address, port }];
          if (!mayResolve) return [];
          try {
            const endpoints = (await resolve(host)).map((each) => ({ address: each, port }));
            for (const endpoint of endpoints) this.#node.keepOut(endpoint);
            return endpoints.slice(0, addressesPerHostMax);
          } catch (error) {
            problem = messageOf(error);
            return [];
          }
        }),
    );
    return { endpoints: found.flat().filter((endpoint) => this.#node.mayReach(endpoint)), problem };
  }

  #findSelf(from: readonly (Contact | Endpoint)[]): Promise<void> {
    return new Promise((resolve) => this.#node.findSelf(from, resolve));
  }

  #counts() {
    return this.#node.table.counts(this.#node.ports.clock.nowMs());
  }
}
