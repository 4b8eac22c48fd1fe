/** What can be done with magnet links, and with their torrents while these are not known yet. */
import { bytesToBase64 } from "../base/base64.ts";
import { OperationalError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import { parseMagnet, torrentOfInfo } from "../metainfo/magnet.ts";
import type { AddResult, Command, MetainfoResult } from "./protocol.ts";

type CommandOf<Name extends Command["name"]> = Extract<Command, { readonly name: Name }>;

/** @throws OperationalError `bad-magnet`, `v2-only`, `too-many`. */
export async function addMagnet(
  session: Session,
  command: CommandOf<"add-magnet">,
  asSet: { readonly isPaused: boolean; readonly choices: NonNullable<CommandOf<"add-magnet">["choices"]> },
): Promise<AddResult> {
  const link = parseMagnet(command.link);
  const magnet = { ...link, peers: [...command.peers, ...link.peers] };
  const { isPaused, choices } = asSet;
  const { infoHash } = magnet;
  const torrent = session.torrents.get(infoHash);
  if (torrent?.state === "paused" && !isPaused) await torrent.resume();
  const isNew = await session.magnets.add(magnet, { savePath: command.savePath, startsPaused: isPaused, choices });
  return { infoHash, isNew };
}

/** @throws OperationalError `bad-magnet`, `v2-only`, `too-many`; `not-found` where nobody has sent it in time. */
export async function lookUpMagnet(session: Session, command: CommandOf<"look-up">): Promise<MetainfoResult> {
  const link = parseMagnet(command.link);
  const magnet = { ...link, peers: [...command.peers, ...link.peers] };
  const torrent = session.torrents.get(magnet.infoHash);
  if (torrent !== undefined) {
    const { infoBytes } = await torrent.loadMetainfo();
    return { metainfo: bytesToBase64(torrentOfInfo(infoBytes, magnet)) };
  }
  const stop = new AbortController();
  const timer = session.clock.after(1000 * command.seconds, () => stop.abort());
  try {
    return { metainfo: bytesToBase64(await session.magnets.look(magnet, stop.signal)) };
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new OperationalError("not-found", session.magnets.lookedAt(magnet.infoHash), { cause: error });
  } finally {
    timer.cancel();
  }
}

/**
 * Where its torrent is being added, this waits for that, and what is asked is meant for the torrent.
 * @returns whether it was meant for a magnet link. @throws OperationalError, as `Magnets` does; `no-metadata`.
 */
export async function onMagnet({ magnets, torrents }: Session, command: Command): Promise<boolean> {
  if (!("infoHash" in command) || command.infoHash === undefined) return false;
  // Asked of anything, added or not.
  if (command.name === "dht-scrape") return false;
  const { infoHash } = command;
  await magnets.all.get(infoHash)?.adding;
  // A link that is there still when its torrent has come another way is nobody's any more.
  if (torrents.has(infoHash) || !magnets.all.has(infoHash)) return false;
  switch (command.name) {
    case "pause":
    case "resume":
      await magnets.setPaused(infoHash, command.name === "pause");
      return true;
    case "reannounce":
      magnets.reannounce(infoHash);
      return true;
    case "remove":
      await magnets.remove(infoHash);
      return true;
    case "change":
      await magnets.change(infoHash, command.changes);
      return true;
    default:
      throw new OperationalError("no-metadata", "not before its metadata is here: it is being fetched");
  }
}
