/** The engine behind the control server: commands become calls of the session, its objects rows. */
import { unreachable } from "../base/assert.ts";
import { base64ToBytes } from "../base/base64.ts";
import { OperationalError } from "../base/errors.ts";
import { scrapeGapMs } from "../discovery/scraper.ts";
import { changesBack } from "../engine/profile/torrent-choices.ts";
import type { Session } from "../engine/session.ts";
import type { AddOptions } from "../engine/session-options.ts";
import type { SettingsFile } from "../settings/settings-file.ts";
import { kick } from "../swarm/kick.ts";
import type { BansReport } from "./bans-protocol.ts";
import type { ControlTarget } from "./control-target.ts";
import { dhtReport, dhtScrape } from "./dht-report.ts";
import { graphOf } from "./graph-view.ts";
import { addMagnet, lookUpMagnet, onMagnet } from "./magnet-commands.ts";
import { magnetDetail } from "./magnet-view.ts";
import { moveReport } from "./move-report.ts";
import { sessionRow, torrentDetail } from "./projections.ts";
import type {
  Command,
  CommandResult,
  Frame,
  GraphTopic,
  Notice,
  SessionRow,
  TorrentRow,
  TorrentTopic,
} from "./protocol.ts";
import type { RemovedReport } from "./removal-protocol.ts";
import { settingsReport } from "./settings-report.ts";
import { TorrentRows } from "./torrent-rows.ts";
import { scrapeTrackers } from "./tracker-rows.ts";

/** What only the owner of the session can do. */
export interface EngineOwner {
  /** Ends the session. */
  shutdown(): void;
  /** Goes on when nobody is attached any more. */
  stay(): void;
  /** `undefined` where nothing may be changed: the settings are those of a command that was run. */
  readonly settings: SettingsKeeper | undefined;
}

export type SettingsKeeper = Pick<SettingsFile, "path" | "revision" | "settings" | "states" | "problems" | "change">;

function removedReport({ removed }: Session): RemovedReport {
  const rows = removed.all.map(({ infoHash, summary: { name, totalLength }, savePath, removed: mark }) => {
    return { infoHash, name, savePath, totalLength, removedWallMs: mark?.wallMs ?? 0 };
  });
  return { removed: rows };
}

const removals = { keep: "torrent", delete: "data", trash: "trash" } as const;

export class EngineTarget implements ControlTarget {
  readonly #session: Session;
  readonly #rows = new TorrentRows();
  readonly #owner: EngineOwner;

  constructor(session: Session, owner: EngineOwner) {
    this.#session = session;
    this.#owner = owner;
  }

  async execute(command: Command): Promise<CommandResult> {
    const session = this.#session;
    if (await onMagnet(session, command)) return null;
    switch (command.name) {
      case "add-magnet":
        return addMagnet(session, command, this.#asSet(command));
      case "look-up":
        return lookUpMagnet(session, command);
      case "add":
        return session.add(decodeMetainfo(command.metainfo), { ...command, ...this.#asSet(command) });
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
        await session.remove(command.infoHash, removals[command.data]);
        return null;
      case "restore":
        await session.restore(command.infoHashes);
        return null;
      case "removed":
        return removedReport(session);
      case "change": {
        const torrent = session.torrent(command.infoHash);
        const before = changesBack(torrent.choices, command.changes);
        await torrent.change(command.changes);
        return { before };
      }
      case "queue":
        await session.house.turns.move(command.infoHashes, command.move);
        return null;
      case "alternative":
        await session.house.switchAlternative(command.mode === "auto" ? null : command.mode === "on");
        return null;
      case "limits":
        await this.#limit(command.maxDownRate, command.maxUpRate);
        return null;
      case "ban":
        await session.admittance.ban(command.addresses);
        return this.#bans();
      case "unban":
        await session.admittance.unban(command.addresses);
        return this.#bans();
      case "bans":
        return this.#bans();
      case "dht":
        return dhtReport(session);
      case "dht-scrape":
        return dhtScrape(session, command.infoHash);
      case "kick":
        kick(session.torrent(command.infoHash).swarm, command.endpoint);
        return null;
      case "move": {
        const { mover } = session.torrent(command.infoHash);
        return moveReport(await (command.isDryRun ? mover.plan(command.savePath) : mover.move(command.savePath)));
      }
      case "rename":
        return moveReport(await session.torrent(command.infoHash).mover.rename(command.path, command.to));
      case "settings":
        return settingsReport(this.#keeper());
      case "set":
        await this.#keeper().change(command.changes);
        return settingsReport(this.#keeper());
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

  standingNotices(): readonly Notice[] {
    return (this.#owner.settings?.problems ?? []).map((message) => ({ kind: "warning", message }));
  }

  session(): SessionRow {
    return sessionRow(this.#session, this.#owner.settings?.revision ?? null);
  }

  torrents(): readonly TorrentRow[] {
    return this.#rows.of(this.#session);
  }

  torrent(topic: TorrentTopic): Exclude<Frame, { readonly kind: "torrents" }> | undefined {
    const torrent = this.#session.torrents.get(topic.infoHash);
    if (torrent === undefined) {
      const magnet = this.#session.magnets.all.get(topic.infoHash);
      return magnet === undefined
        ? { kind: "gone" }
        : { kind: "torrent", detail: magnetDetail(this.#session, magnet, topic) };
    }
    if (!torrent.look()) return undefined;
    const { scraper } = this.#session.trackers;
    if (topic.scrape !== undefined)
      scrapeTrackers(torrent, scraper, topic.scrape === "fresh" ? scrapeGapMs : undefined);
    return { kind: "torrent", detail: torrentDetail(this.#session, torrent, topic, this.#session.clock.nowMs()) };
  }

  graph(topic: GraphTopic): Exclude<Frame, { readonly kind: "torrents" | "torrent" }> {
    const graph = graphOf(this.#session, topic);
    return graph === undefined ? { kind: "gone" } : { kind: "graph", graph };
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#session.onEvent(listener);
  }

  /** As the settings have it where the one who adds says nothing else. */
  #asSet(asked: Partial<Pick<AddOptions, "isPaused" | "choices">>): Required<Pick<AddOptions, "isPaused" | "choices">> {
    const { choices = {}, isPaused } = asked;
    const settings = this.#owner.settings?.settings;
    if (settings === undefined) return { isPaused: isPaused ?? false, choices };
    const { startPaused, sequential } = settings.downloads;
    return { isPaused: isPaused ?? startPaused, choices: { isSequential: sequential, ...choices } };
  }

  #bans(): BansReport {
    const { bans, rangeCount, refusedCount } = this.#session.admittance;
    return { bans, filterRanges: rangeCount, refused: refusedCount };
  }

  async #limit(maxDownRate: number, maxUpRate: number): Promise<void> {
    const { settings } = this.#owner;
    if (settings === undefined) {
      this.#session.setLimits(maxDownRate, maxUpRate);
      return;
    }
    await settings.change([
      { key: "limits.down", text: String(Math.round(maxDownRate)) },
      { key: "limits.up", text: String(Math.round(maxUpRate)) },
    ]);
  }

  #keeper(): SettingsKeeper {
    const { settings } = this.#owner;
    if (settings !== undefined) return settings;
    throw new OperationalError(
      "no-settings",
      "this engine belongs to the command that was run: it has no settings file",
    );
  }
}

function decodeMetainfo(base64: string): Uint8Array {
  try {
    return base64ToBytes(base64);
  } catch (error) {
    throw new OperationalError("bad-metainfo", "the torrent is not base64", { cause: error });
  }
}
