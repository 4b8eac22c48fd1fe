/** A torrent's whole detail from an engine that gives it in windows. */
import { OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { EngineClient } from "../../control/engine-client.ts";
import { windowLimitMax } from "../../control/limits.ts";
import type { FileRow, NeighbourRow, TorrentDetail, TorrentTopic, Window } from "../../control/protocol.ts";

/** Windows asked for at once: each is a subscription, of which a client has 64. */
const windowsAtOnce = 16;
const nothing: Window = { offset: 0, limit: 0 };

/** @throws OperationalError `unknown-torrent` where it is gone by now. */
export async function filesOf(client: EngineClient, infoHash: InfoHash): Promise<readonly FileRow[]> {
  return everyWindow(
    (files) => onceDetail(client, infoHash, { files }),
    (detail) => [detail.files, detail.fileCount],
  );
}

/** Each once, though they come and go while they are read. */
export async function neighboursOf(client: EngineClient, infoHash: InfoHash): Promise<readonly NeighbourRow[]> {
  const rows = await everyWindow(
    (neighbours) => onceDetail(client, infoHash, { neighbours }),
    (detail) => [detail.neighbours, detail.neighbourCount],
  );
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

async function everyWindow<Row>(
  get: (window: Window) => Promise<TorrentDetail>,
  read: (detail: TorrentDetail) => readonly [rows: readonly Row[], count: number],
): Promise<readonly Row[]> {
  const [first, count] = read(await get({ offset: 0, limit: windowLimitMax }));
  const rows = [...first];
  const offsets: number[] = [];
  for (let offset = windowLimitMax; offset < count; offset += windowLimitMax) offsets.push(offset);
  for (let i = 0; i < offsets.length; i += windowsAtOnce) {
    const some = offsets.slice(i, i + windowsAtOnce).map((offset) => get({ offset, limit: windowLimitMax }));
    for (const detail of await Promise.all(some)) rows.push(...read(detail)[0]);
  }
  return rows;
}

/** @throws OperationalError `unknown-torrent`, `engine-lost`. */
export function onceDetail(client: EngineClient, infoHash: InfoHash, wanted: Asked = {}): Promise<TorrentDetail> {
  return detailWhen(client, infoHash, wanted, () => true);
}

/** When its trackers were asked how large the swarm is, and have answered or failed. @throws as `onceDetail` does. */
export function scrapedDetail(client: EngineClient, infoHash: InfoHash): Promise<TorrentDetail> {
  return detailWhen(client, infoHash, { scrape: "fresh" }, ({ isScraping }) => !isScraping);
}

type Asked = Partial<Pick<TorrentTopic, "files" | "rareRuns" | "piece" | "scrape">> & { readonly neighbours?: Window };

function detailWhen(
  client: EngineClient,
  infoHash: InfoHash,
  wanted: Asked,
  isEnough: (detail: TorrentDetail) => boolean,
): Promise<TorrentDetail> {
  const topic: TorrentTopic = {
    kind: "torrent",
    infoHash,
    files: nothing,
    logLimit: 0,
    cells: 0,
    ...wanted,
    neighbours: { ...(wanted.neighbours ?? nothing), sort: "endpoint", isDescending: false },
  };
  return new Promise((resolve, reject) => {
    const forget = client.onClose((reason) =>
      reject(new OperationalError("engine-lost", `the connection to the engine ended: ${reason}`)),
    );
    const subscription = client.subscribe(topic, (frame) => {
      if (frame.kind === "torrent" && !isEnough(frame.detail)) return;
      subscription.close();
      forget();
      if (frame.kind === "torrent") resolve(frame.detail);
      else reject(new OperationalError("unknown-torrent", "the torrent was removed just now"));
    });
  });
}
