import { Aria2 } from "./aria2.ts";
import type { ClientName, ClientOptions, RealClient } from "./client.ts";
import { Libtorrent } from "./libtorrent.ts";
import { P2pTui } from "./p2p-tui.ts";
import { Rtorrent } from "./rtorrent.ts";
import { Transmission } from "./transmission.ts";

export const rivalNames = ["transmission", "libtorrent", "aria2", "rtorrent"] as const;

export function makeClient(name: ClientName, options: ClientOptions): RealClient {
  switch (name) {
    case "transmission":
      return new Transmission(options);
    case "libtorrent":
      return new Libtorrent(options);
    case "aria2":
      return new Aria2(options);
    case "rtorrent":
      return new Rtorrent(options);
    case "p2p-tui":
      return new P2pTui(options);
  }
}
