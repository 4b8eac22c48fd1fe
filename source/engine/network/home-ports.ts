/** The world as a session sees it that is bound to its home: trackers and names are asked, and datagrams sent, from there or not at all. */
import { codeOf, OperationalError } from "../../base/errors.ts";
import { canonicalAddress, familyOf } from "../../base/ip-address.ts";
import type { HttpRequest, HttpResponse } from "../../ports/http.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Home } from "./home.ts";

/** Requests and look-ups fail with OperationalError `no-home` while home is not there. */
export function homePorts(ports: Ports, home: Home): Ports {
  const { clock, datagrams, http, network } = ports;
  const assertThere = (): void => {
    if (home.problem !== "") throw new OperationalError("no-home", home.problem);
  };
  const getOver = async (family: 4 | 6, request: HttpRequest): Promise<HttpResponse> => {
    assertThere();
    const source = home.source(family);
    if (source === undefined) {
      throw new OperationalError("unresolved", `there is no IPv${family} address of ours to ask from`);
    }
    const { localAddress } = source;
    return http.get(localAddress === undefined ? request : { ...request, localAddress, family });
  };
  return {
    ...ports,
    http: {
      get: async (request) => {
        assertThere();
        const family = request.family ?? literalFamily(request.url);
        if (family !== undefined) return getOver(family, request);
        const { localAddress } = home.source() ?? {};
        if (localAddress === undefined) return http.get(request);
        const first = familyOf(localAddress);
        const other = first === 4 ? 6 : 4;
        if (home.source(other) === undefined) return getOver(first, request);
        const sinceMs = clock.nowMs();
        try {
          return await getOver(first, request);
        } catch (error) {
          // Bound to one address, a request sees the host's addresses of that family alone, and the host may have others.
          const timeoutMs = request.timeoutMs - (clock.nowMs() - sinceMs);
          if (codeOf(error) !== "unresolved" || timeoutMs <= 0) throw error;
          return getOver(other, { ...request, timeoutMs });
        }
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
        const all = await network.resolve(host);
        // Who asks for one takes the first.
        const reachable = all.filter((address) => home.source(familyOf(address)) !== undefined);
        return reachable.length > 0 ? reachable : all;
      },
    },
  };
}

/** @returns `undefined` where the host is a name. */
function literalFamily(url: string): 4 | 6 | undefined {
  const address = canonicalAddress(URL.parse(url)?.hostname.replace(/^\[|\]$/g, "") ?? "");
  return address === undefined ? undefined : familyOf(address);
}
