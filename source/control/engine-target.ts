/** The engine behind the control server: commands become calls of the session, its objects rows. */
import { unreachable } from "../base/assert.ts";
import { OperationalError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { ControlTarget } from "./control-target.ts";
import { sessionRow, torrentDetail, torrentRow } from "./projections.ts";
import type { Command, CommandResult, Frame, Notice, SessionRow, TorrentRow, TorrentTopic } from "./protocol.ts";

/** What only the owner of the session can do. */
export interface EngineOwner {
  /** Ends the session. */
  shutdown(): void;
  /** Goes on when nobody is attached any more. */
  stay(): void;
}

export class EngineTarget implements ControlTarget {
  readonly #session: Session;
  readonly #owner: EngineOwner;

  constructor(session: Session, owner: EngineOwner) {
    this.#session = session;
    this.#owner = owner;
  }

  async execute(command: Command): Promise<CommandResult> {
    const session = this.#session;
    switch (command.name) {
      case "add":
        return session.add(decodeBase64(command.metainfo), command);
      case "pause":
        await session.torrent(command.infoHash).pause();
        return null;
      case "resume":
        await session.torrent(command.infoHash).resume();
        return null;
      case "reannounce":
        session.torrent(command.infoHash).reannounce();
        return null;
      case "recheck":
        await session.torrent(command.infoHash).recheck();
        return null;
      case "remove":
        await session.remove(command.infoHash, command.withData);
        return null;
      case "change":
        await session.torrent(command.infoHash).change(command.changes);
        return null;
      case "queue":
        await session.turns.move(command.infoHashes, command.move);
        return null;
      case "limits":
        session.setLimits(command.maxDownRate, command.maxUpRate);
        return null;
      case "stay":
        this.#owner.stay();
        return null;
      case "shutdown":
        this.#owner.shutdown();
        return null;
      default:
        return unreachable(command);
    }
  }

  session(): SessionRow {
    return sessionRow(this.#session);
  }

  torrents(): readonly TorrentRow[] {
    const now = this.#session.clock.nowMs();
    return [...this.#session.torrents.values()].map((torrent) => torrentRow(torrent, now));
  }

  torrent(topic: TorrentTopic): Exclude<Frame, { readonly kind: "torrents" }> | undefined {
    const torrent = this.#session.torrents.get(topic.infoHash);
    if (torrent === undefined) return { kind: "gone" };
    if (!torrent.look()) return undefined;
    return { kind: "torrent", detail: torrentDetail(torrent, topic, this.#session.clock.nowMs()) };
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#session.onEvent(listener);
  }
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    throw new OperationalError("bad-metainfo", "the torrent is not base64", { cause: error });
  }
}
