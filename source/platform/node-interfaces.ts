/** The host's network interfaces. */
import { networkInterfaces } from "node:os";
import { canonicalAddress } from "../base/ip-address.ts";
import type { InterfaceAddress, Interfaces } from "../ports/interfaces.ts";

export class NodeInterfaces implements Interfaces {
  list(): readonly InterfaceAddress[] {
    return Object.entries(networkInterfaces()).flatMap(([name, all]) =>
      (all ?? []).flatMap((found) => {
        const address = canonicalAddress(found.address);
        const isOfLink = found.family === "IPv6" && found.scopeid !== 0;
        return address === undefined || isOfLink ? [] : [{ name, address }];
      }),
    );
  }
}
