/** A torrent that is added: in the profile before it begins. */
import type { Metainfo } from "../metainfo/metainfo.ts";
import type { Ports } from "../ports/ports.ts";
import { changedChoices, defaultChoices } from "./profile/torrent-choices.ts";
import { summaryOf } from "./profile/torrent-entry.ts";
import type { TorrentOptions } from "./profile/torrent-options.ts";
import type { TorrentStore } from "./profile/torrent-store.ts";
import type { AddOptions } from "./session-options.ts";

/** @param bytes of its .torrent file. @throws OperationalError `bad-label`, `unknown-file`, and what writing throws. */
export async function savedAsNew(
  { clock }: Pick<Ports, "clock">,
  store: TorrentStore,
  metainfo: Metainfo,
  bytes: Uint8Array,
  options: AddOptions,
): Promise<TorrentOptions> {
  const { savePath, isPaused, peers, mustCheck } = options;
  const { infoHash } = metainfo;
  const summary = summaryOf(metainfo);
  const choices = changedChoices(defaultChoices, options.choices ?? {}, summary.fileCount);
  const entry = { infoHash, summary, savePath, isPaused, addedWallMs: clock.wallMs(), peers, choices, removal: null };
  const record = await store.loadRecord(entry);
  await store.saveMetainfo(metainfo, bytes);
  await store.saveEntry(entry);
  return { entry, record, mustCheck, expectsFiles: false };
}
