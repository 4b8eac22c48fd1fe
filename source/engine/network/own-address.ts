/**
 * Where others see us, as far as we know: for the world what trackers and neighbours say (BEP 24, BEP 10), by vote, unless one
 * of our interfaces has a public address; for the local network the address that we have there. For ranks (BEP 40), which do
 * no harm where they are wrong.
 */
import { type Endpoint, familyOf, localityOf, parseAddress } from "../../base/ip-address.ts";
import { ExternalAddress } from "../../discovery/dht/external-address.ts";
import type { Interfaces } from "../../ports/interfaces.ts";
import { canonicalPriority } from "../../swarm/canonical-priority.ts";

/** Networks that must say the same. */
const agreeingMin = 2;

export class OwnAddress {
  readonly #votes = { 4: new ExternalAddress(agreeingMin), 6: new ExternalAddress(agreeingMin) } as const;
  readonly #bound: string | undefined;
  readonly #interfaces: Interfaces | undefined;
  #listed: readonly string[] | undefined;

  readonly #listenPort: () => number;

  /** @param bound the address that we are bound to, if to one. */
  constructor(bound: string | undefined, interfaces: Interfaces | undefined, listenPort: () => number) {
    this.#bound = bound;
    this.#interfaces = interfaces;
    this.#listenPort = listenPort;
  }

  /** Those on our own network are the best; 0 where nothing can be said. */
  rankOf(peer: Endpoint): number {
    const address = this.seenFrom(peer.address);
    const isLocal = localityOf(peer.address) !== "public";
    const priority = address === undefined ? undefined : canonicalPriority({ address, port: this.#listenPort() }, peer);
    return (isLocal ? 2 ** 32 : 0) + (priority ?? 0);
  }

  /** Somebody says how he sees us. @returns whether that has changed what we believe. */
  said(voter: string, address: string): boolean {
    return localityOf(voter) === "public" && this.#votes[familyOf(address)].vote(voter, address);
  }

  /** Our addresses may be others now. */
  networkChanged(): void {
    this.#listed = undefined;
  }

  /** As the peer at this address should see us; `undefined` where that is not known. */
  seenFrom(peer: string): string | undefined {
    const locality = localityOf(peer);
    const family = familyOf(peer);
    if (this.#bound !== undefined && localityOf(this.#bound) === locality && familyOf(this.#bound) === family) {
      return this.#bound;
    }
    if (locality === "loopback") return family === 4 ? "127.0.0.1" : "::1";
    this.#listed ??= (this.#interfaces?.list() ?? []).map(({ address }) => address);
    const alike = this.#listed.filter((own) => localityOf(own) === locality && familyOf(own) === family);
    const [first] = alike.sort((a, b) => commonBits(b, peer) - commonBits(a, peer));
    return first ?? (locality === "public" ? this.#votes[family].address : undefined);
  }
}

function commonBits(a: string, b: string): number {
  const x = parseAddress(a) ?? new Uint8Array(0);
  const y = parseAddress(b) ?? new Uint8Array(0);
  for (let i = 0; i < x.length; i++) {
    const different = (x[i] ?? 0) ^ (y[i] ?? 0);
    if (different !== 0) return 8 * i + Math.clz32(different) - 24;
  }
  return 8 * x.length;
}
