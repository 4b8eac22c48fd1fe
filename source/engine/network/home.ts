/**
 * Where on this machine a session is at home: the addresses that it listens on, dials and announces from. That may be all of
 * the machine, one address, or an interface (`tun0`) with whatever addresses it has at the moment. While that address or
 * interface is not there, nothing goes out and nothing is listened to: better nothing than by another way.
 *
 * The source address of what we send is bound, not its way: that packets from the interface's address leave by the
 * interface is up to the machine's routes.
 */
import { familyOf, localityOf } from "../../base/ip-address.ts";
import type { InterfaceAddress, Interfaces } from "../../ports/interfaces.ts";

export interface HomeOptions {
  /** Address "" is all. */
  readonly listenAddress: string;
  /** To dial and announce from; the system chooses where it is absent. */
  readonly localAddress: string | undefined;
  /** In place of the addresses. Needs `interfaces`. */
  readonly interfaceName: string | undefined;
  /** Without it no change is noticed. */
  readonly interfaces: Interfaces | undefined;
}

/** What one look found. */
export interface HomeChange {
  /** Other addresses are to be listened on. */
  readonly isMoved: boolean;
  /** An address that the machine had is gone. */
  readonly isAnyLost: boolean;
}

/** A machine of many containers has one for each. */
const networksMax = 16;

export class Home {
  readonly #options: HomeOptions;
  /** Of the interface now, IPv4 first. */
  #own: readonly string[] = [];
  /** Of the machine. */
  #all: ReadonlySet<string> = new Set();
  #isAbsent = false;
  /** An address may be ours without being listed; it is gone only where it was. */
  #wasListed = false;

  constructor(options: HomeOptions) {
    this.#options = options;
    const { interfaces } = options;
    if (interfaces !== undefined) this.#all = new Set(interfaces.list().map(({ address }) => address));
    if (options.interfaceName !== undefined) this.#lookAtInterface();
  }

  /** Why nothing goes out, "" where it does. */
  get problem(): string {
    if (!this.#isAbsent) return "";
    const { interfaceName, localAddress } = this.#options;
    return interfaceName === undefined
      ? `the address ${localAddress} is not there: nothing is connected until it is back`
      : `the interface ${interfaceName} has no address: nothing is connected until it has`;
  }

  /** Whether it is wherever an interface is. */
  get isInterface(): boolean {
    return this.#options.interfaceName !== undefined;
  }

  /** Addresses to listen on; "" is all. */
  get listenAddresses(): readonly string[] {
    if (this.#isAbsent) return [];
    if (this.#options.interfaceName === undefined) return [this.#options.listenAddress];
    const first = (family: 4 | 6) => this.#own.find((address) => familyOf(address) === family);
    return [first(4), first(6)].filter((address) => address !== undefined);
  }

  /**
   * What to dial and announce from.
   * @param family of whom we dial. Default: the system's choice, or that of the first address.
   * @returns `undefined` where nobody may be dialled.
   */
  source(family?: 4 | 6): { readonly localAddress?: string } | undefined {
    if (this.#isAbsent) return undefined;
    const { interfaceName, localAddress } = this.#options;
    if (interfaceName === undefined && localAddress === undefined) return {};
    const own = interfaceName === undefined ? [localAddress ?? ""] : this.#own;
    const address = own.find((candidate) => family === undefined || familyOf(candidate) === family);
    return address === undefined ? undefined : { localAddress: address };
  }

  /**
   * Where to bind a socket for datagrams of this family: `0.0.0.0`, or an address. IPv6 goes out from one address, that others
   * may know us by (BEP 32 "source address selection"): the first public one, where home is all of the machine.
   */
  datagramAddress(family: 4 | 6): string | undefined {
    const listened = this.listenAddresses;
    const own = listened.find((address) => address !== "" && familyOf(address) === family);
    if (own !== undefined || !listened.includes("")) return own;
    return family === 4 ? "0.0.0.0" : [...this.#all].find(isPublicIpv6);
  }

  /** Of the machine's networks, those that home is at: the first address of each family on each interface, no loopback. */
  get localNetworks(): readonly InterfaceAddress[] {
    if (this.#isAbsent) return [];
    const first = new Map<string, InterfaceAddress>();
    for (const one of this.#options.interfaces?.list() ?? []) {
      const key = `${one.name} ${familyOf(one.address)}`;
      if (!first.has(key) && this.isAt(one) && localityOf(one.address) !== "loopback") first.set(key, one);
    }
    return [...first.values()].slice(0, networksMax);
  }

  /** Whether home is at this address of this interface. */
  isAt({ name, address }: InterfaceAddress): boolean {
    const { interfaceName, localAddress } = this.#options;
    if (this.#isAbsent) return false;
    if (interfaceName !== undefined) return name === interfaceName;
    return localAddress === undefined || address === localAddress;
  }

  /** Whether the machine has this address, as far as that is known. */
  has(address: string): boolean {
    return this.#options.interfaces === undefined || this.#all.has(address) || isNeverListed(address);
  }

  /** Looks at the interfaces. Tens of microseconds. */
  look(): HomeChange {
    const { interfaces, interfaceName, localAddress } = this.#options;
    if (interfaces === undefined) return { isMoved: false, isAnyLost: false };
    const before = this.#all;
    const listenedBefore = this.listenAddresses;
    this.#all = new Set(interfaces.list().map(({ address }) => address));
    if (interfaceName !== undefined) this.#lookAtInterface();
    else if (localAddress !== undefined) {
      this.#wasListed ||= before.has(localAddress);
      this.#isAbsent = this.#wasListed && !this.#all.has(localAddress);
    }
    return {
      isMoved: !isSame(this.listenAddresses, listenedBefore),
      isAnyLost: [...before].some((address) => !this.#all.has(address)),
    };
  }

  #lookAtInterface(): void {
    const { interfaces, interfaceName } = this.#options;
    const own = interfaces?.list().filter(({ name }) => name === interfaceName) ?? [];
    this.#own = own.map(({ address }) => address).sort((a, b) => familyOf(a) - familyOf(b));
    this.#isAbsent = this.#own.length === 0;
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address, i) => address === b[i]);
}

/** None that Teredo made (2001::/32): nobody can count on those. */
function isPublicIpv6(address: string): boolean {
  return familyOf(address) === 6 && localityOf(address) === "public" && !/^2001:(?:0:|:)/.test(address);
}

/** All of 127.0.0.0/8 is ours, though only one of it is listed; those of a link (fe80::/10) are not asked about. */
function isNeverListed(address: string): boolean {
  return address.startsWith("127.") || /^fe[89ab]/.test(address);
}
