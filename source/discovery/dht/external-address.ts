/**
 * Where others see us (BEP 42 "ip"), by vote: nobody is believed alone, and each network has one vote. A node's id must follow from
 * its address, so a wrong belief would cost us our place.
 */
import { networkOf } from "../../base/crowd.ts";
import { localityOf } from "../../base/ip-address.ts";

/** The latest that are counted. */
const votesMax = 32;
/** As many as must say the same, and most of all that voted. */
const agreeingDefault = 8;

export class ExternalAddress {
  readonly #agreeingMin: number;
  /** By the voter's network, the latest at the end. */
  readonly #votes = new Map<string, string>();
  /** `undefined` while nobody knows. */
  address: string | undefined;

  constructor(agreeingMin = agreeingDefault) {
    this.#agreeingMin = agreeingMin;
  }

  /** @returns whether that has made it another address. */
  vote(voter: string, address: string): boolean {
    if (localityOf(address) !== "public") return false;
    const network = networkOf(voter);
    this.#votes.delete(network);
    this.#votes.set(network, address);
    const [oldest] = this.#votes.keys();
    if (this.#votes.size > votesMax && oldest !== undefined) this.#votes.delete(oldest);
    let agreeing = 0;
    for (const vote of this.#votes.values()) if (vote === address) agreeing++;
    if (address === this.address || agreeing < this.#agreeingMin || 2 * agreeing <= this.#votes.size) return false;
    this.address = address;
    return true;
  }
}
