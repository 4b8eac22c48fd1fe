/** What tests of sessions begin with and ask of them. */

import { ForgetfulStore } from "../../source/engine/profile/torrent-store.ts";
import type { Session } from "../../source/engine/session.ts";
import type { SessionEvent } from "../../source/engine/session-events.ts";
import type { SessionOptions } from "../../source/engine/session-options.ts";
import type { Torrent } from "../../source/engine/torrent.ts";
import type { DownloadLocks } from "../../source/ports/locks.ts";

export const noLocks: DownloadLocks = { acquire: async () => ({ release: async () => {} }) };

/** Of a session on loopback without limits, which locks nothing and, unless `more` says otherwise, remembers nothing. */
export function sessionOptions(
  more: Partial<SessionOptions> & Pick<SessionOptions, "profile" | "makeStorage">,
): SessionOptions {
  return {
    listen: { address: "127.0.0.1", port: 0 },
    pid: 1,
    maxDownRate: 0,
    maxUpRate: 0,
    slots: 4,
    version: "0.0.0",
    locks: noLocks,
    store: new ForgetfulStore(),
    ...more,
  };
}

/** Resolves with the next event of this kind. */
export function nextEvent(session: Session, kind: SessionEvent["kind"]): Promise<SessionEvent> {
  return new Promise((resolve) => {
    const stop = session.onEvent((event) => {
      if (event.kind !== kind) return;
      stop();
      resolve(event);
    });
  });
}

/** The first of its torrents, which is there. */
export function onlyTorrent(session: Session): Torrent {
  const [torrent] = session.torrents.values();
  if (torrent === undefined) throw new Error("no torrent");
  return torrent;
}
