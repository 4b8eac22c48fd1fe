/**
 * What works beside a session as the settings say: bans and IP filters, and, for the engine of a whole profile, watch
 * folders, and what is done with complete downloads.
 */

import { AfterCompletion } from "../engine/housekeeping/after-completion.ts";
import { CompletionHook } from "../engine/housekeeping/completion-hook.ts";
import { WatchFolders } from "../engine/housekeeping/watch-folders.ts";
import { Admittance } from "../engine/network/admittance.ts";
import { BanList } from "../engine/network/ban-list.ts";
import { IpFilter } from "../engine/network/ip-filter.ts";
import type { RecordPlace } from "../engine/profile/profile-record.ts";
import type { Session } from "../engine/session.ts";
import { NodeGunzip } from "../platform/node-gunzip.ts";
import { NodePrograms } from "../platform/node-programs.ts";
import type { Ports } from "../ports/ports.ts";
import type { Settings } from "../settings/settings.ts";

export interface AttendantsOptions {
  readonly place: RecordPlace;
  /** Whether files are taken from watch folders, and a program is run. */
  readonly isWhole: boolean;
  /** As they are now. */
  readonly settings: () => Settings;
}

export class Attendants {
  readonly admittance: Admittance;
  readonly #ports: Pick<Ports, "clock" | "files">;
  readonly #options: AttendantsOptions;
  readonly #filter: IpFilter;
  #watch: WatchFolders | undefined;
  #completion: AfterCompletion | undefined;

  constructor(ports: Pick<Ports, "clock" | "files">, options: AttendantsOptions) {
    this.#ports = ports;
    this.#options = options;
    const { clock, files } = ports;
    this.#filter = new IpFilter({ clock, files, gunzip: new NodeGunzip() }, options.place.warn);
    this.admittance = new Admittance(new BanList(options.place), this.#filter);
  }

  /** Before the session begins to listen. */
  async prepare(): Promise<void> {
    await this.admittance.load();
    this.#filter.use(this.#options.settings().filter.files);
  }

  /** After the session has taken up its torrents. */
  attend(session: Session): void {
    const { place, settings, isWhole } = this.#options;
    const { warn } = place;
    if (!isWhole) return;
    this.#watch = new WatchFolders(this.#ports, { add: (bytes) => addAsSet(session, settings(), bytes), place, warn });
    const hook = new CompletionHook(new NodePrograms(), { command: () => settings().downloads.onComplete, warn });
    const completion = new AfterCompletion({
      moveTo: () => settings().downloads.moveWhenComplete,
      hook,
      place,
      warn,
    });
    this.#completion = completion;
    const restored = completion.restore([...session.torrents.values()]);
    session.onEvent((event) => {
      if (event.kind !== "complete") return;
      const torrent = session.torrent(event.infoHash);
      void restored.then(() => completion.completed(torrent));
    });
    this.follow();
  }

  /** The settings are others now. */
  follow(): void {
    const { filter, downloads } = this.#options.settings();
    this.#filter.use(filter.files);
    this.#watch?.use(downloads.watch);
  }

  close(): void {
    this.#filter.close();
    this.#watch?.close();
    this.#completion?.close();
  }
}

function addAsSet(session: Session, { downloads }: Settings, metainfo: Uint8Array): Promise<unknown> {
  return session.add(metainfo, {
    savePath: downloads.directory,
    isPaused: downloads.startPaused,
    peers: [],
    mustCheck: false,
    choices: { isSequential: downloads.sequential },
  });
}
