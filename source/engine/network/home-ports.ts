/** The world as a session sees it that is bound to its home: trackers and names are asked, and datagrams sent, from there or not at all. */
import { OperationalError } from "../../base/errors.ts";
import { familyOf } from "../../base/ip-address.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Home } from "./home.ts";

/** Requests and look-ups fail with OperationalError `no-home` while home is not there. */
export function homePorts(ports: Ports, home: Home): Ports {
  const { datagrams, http, network } = ports;
  const assertThere = (): void => {
    if (home.problem !== "") throw new OperationalError("no-home", home.problem);
  };
  return {
    ...ports,
    http: {
      get: async (request) => {
        assertThere();
        const source = home.source(request.family);
        if (source === undefined) {
          throw new OperationalError("unresolved", `there is no IPv${request.family} address of ours to ask from`);
        }
        const { localAddress } = source;
        if (localAddress === undefined) return http.get(request);
        return http.get({ ...request, localAddress, family: familyOf(localAddress) });
      },
    },
    datagrams: {
      bind: async (local, handler) => {
        assertThere();
        const family = familyOf(local.address);
        const source = home.source(family);
        if (source === undefined) throw new OperationalError("listen-failed", `we have no IPv${family} address`);
        const { localAddress } = source;
        const isAny = local.address === "0.0.0.0" || local.address === "::";
        const address = (isAny ? localAddress : undefined) ?? local.address;
        const socket = await datagrams.bind({ ...local, address }, handler);
        return {
          local: socket.local,
          get isOpen() {
            return socket.isOpen;
          },
          send: (bytes, remote) => {
            // Home may be elsewhere by now: then this socket is of no use, and says nothing more.
            const now = home.source(family);
            if (now !== undefined && now.localAddress === localAddress) socket.send(bytes, remote);
          },
          close: () => socket.close(),
        };
      },
      join: async (group, via, handler) => {
        assertThere();
        if (!home.isAt(via)) throw new OperationalError("listen-failed", `we are not at home at ${via.name}`);
        const socket = await datagrams.join(group, via, handler);
        return {
          local: socket.local,
          get isOpen() {
            return socket.isOpen;
          },
          send: (bytes, remote) => {
            if (home.isAt(via)) socket.send(bytes, remote);
          },
          close: () => socket.close(),
        };
      },
    },
    network: {
      connect: (options, handler) => network.connect(options, handler),
      listen: (local, accept) => network.listen(local, accept),
      resolve: async (host) => {
        assertThere();
        return network.resolve(host);
      },
    },
  };
}
