/** What somebody who is not looking wants to know, told through the terminal: by its bell and by the desktop, as chosen. */
import { formatDuration, formatSize } from "../base/units.ts";
import type { Notice, SessionRow, ShortDisk } from "../control/protocol.ts";
import { type NotificationWay, notification } from "./format/notification.ts";
import { type NameOf, noticeMessages } from "./notice-toasts.ts";
import type { Preferences } from "./state/preferences.ts";

export interface AlertsOptions {
  /** As they are now. */
  readonly preferences: () => Pick<Preferences, "bell" | "notify">;
  /** `undefined`: the terminal shows none. */
  readonly way: NotificationWay | undefined;
  /** To the terminal. */
  readonly write: (bytes: string) => void;
}

const kinds: ReadonlySet<Notice["kind"]> = new Set(["complete", "failed", "goal"]);

export class Alerts {
  readonly #options: AlertsOptions;
  /** `undefined` before the first frame: what was so before we came is no news. */
  #wasShort: boolean | undefined;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  /** @param notices that came at about the same time. */
  heard(notices: readonly Notice[], nameOf: NameOf): void {
    const worth = notices.filter(({ kind }) => kinds.has(kind));
    this.#tell(noticeMessages(worth, nameOf).map(({ text }) => text));
  }

  /** With every frame. */
  look({ shortDisk }: Pick<SessionRow, "shortDisk">): void {
    if (shortDisk !== null && this.#wasShort === false) this.#tell([diskText(shortDisk)]);
    this.#wasShort = shortDisk !== null;
  }

  /** However many there are, it is one bell and one notification. */
  #tell(texts: readonly string[]): void {
    const [first, ...others] = texts;
    if (first === undefined) return;
    const { preferences, way, write } = this.#options;
    const { bell, notify } = preferences();
    if (bell) write("\x07");
    if (!notify || way === undefined) return;
    write(notification(way, others.length === 0 ? first : `${others.length} more; ${first}`));
  }
}

function diskText({ folder, missingBytes, fullSeconds }: ShortDisk): string {
  const when = fullSeconds === null ? "" : `, and full in ${formatDuration(fullSeconds)}`;
  return `the disk of ${folder} is ${formatSize(missingBytes)} too small${when}`;
}
