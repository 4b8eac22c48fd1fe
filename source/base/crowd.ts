/**
 * Whom to send away when there is no more room: somebody of those who came in the greatest number from one network, so
 * that no host, however often it comes, keeps others out.
 */
import { familyOf, formatAddress, parseAddress } from "./ip-address.ts";

/** What one host can have as many addresses as it likes in: the address itself, for IPv6 its /64 (RFC 6177). */
export function networkOf(address: string): string {
  if (familyOf(address) === 4) return address;
  const bytes = parseAddress(address);
  if (bytes === undefined || bytes.length !== 16) return address;
  return formatAddress(bytes.fill(0, 8));
}

/** Members of the network that has most of them, in the order given; of the first such network where several do. */
export function largestCrowd<T>(members: Iterable<T>, addressOf: (member: T) => string): readonly T[] {
  const networks = new Map<string, T[]>();
  let largest: T[] = [];
  for (const member of members) {
    const network = networkOf(addressOf(member));
    const crowd = networks.get(network) ?? [];
    networks.set(network, crowd);
    crowd.push(member);
  }
  for (const crowd of networks.values()) if (crowd.length > largest.length) largest = crowd;
  return largest;
}
