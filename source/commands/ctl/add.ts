/** `ctl add`: .torrent files, URLs of them, directories full of them, or one on standard input. */
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { OperationalError } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import { sanitise } from "../../base/sanitise.ts";
import type { EngineClient } from "../../control/engine-client.ts";
import { isAddResult, type TorrentChanges } from "../../control/protocol.ts";
import { looksLikeMagnet, parseMagnet } from "../../metainfo/magnet.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import type { CommandIo, RunCommand } from "../command.ts";
import type { ctlAddSpec } from "../ctl-specs.ts";
import { profileDirectory } from "../directories.ts";
import { isUrl, type LoadedTorrent, loadTorrent, parseTorrent, reasonOf, torrentLengthMax } from "../load-torrent.ts";
import { nodePorts } from "../node-ports.ts";
import { UsageError } from "../option-table.ts";
import { withRunningEngine } from "../running-engine.ts";
import { openSettings } from "../settings-place.ts";
import { naming } from "./each-torrent.ts";
import { changedFiles } from "./file-choice.ts";
import { fittingFiles } from "./file-patterns.ts";
import { editedLabels } from "./label.ts";
import { Outcomes } from "./outcomes.ts";

interface AddTo {
  readonly savePath: string;
  /** Absent: as the settings have it. */
  readonly isPaused?: true;
  readonly peers: readonly string[];
  readonly choices: TorrentChanges;
  readonly isTop: boolean;
  /** Patterns of files. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

export const runCtlAdd: RunCommand<typeof ctlAddSpec.options> = async (io, values, sources) => {
  if (sources.filter((source) => source === "-").length > 1)
    throw new UsageError("standard input can be read once only");
  const savePath =
    values.dir === undefined ? await usualDirectory(io, values.profile) : resolve(io.workingDirectory, values.dir);
  const labels = editedLabels(
    [],
    values.label.map((names) => `+${names}`),
  );
  const to = {
    savePath,
    ...(values.paused ? { isPaused: true as const } : {}),
    peers: values.peer,
    isTop: values.top,
    choices: {
      ...(labels.length === 0 ? {} : { labels }),
      ...(values.sequential ? { isSequential: true } : {}),
      ...(values["super-seed"] ? { isSuperSeed: true } : {}),
      ...(values.forced ? { isForced: true } : {}),
    },
    only: values.only,
    skip: values.skip,
  };
  return withRunningEngine(io, values.profile, async (client) => {
    const outcomes = new Outcomes(io, values.json);
    const ports = nodePorts();
    const infoHashes: InfoHash[] = [];
    try {
      for (const given of sources) {
        await outcomes.attempt(given, async () => {
          // One after another: their bytes are held no longer than it takes.
          for (const source of await filesIn(io, given)) {
            await outcomes.attempt(source, async () => {
              if (looksLikeMagnet(source)) {
                const added = await addLink(client, source, to, outcomes);
                if (added !== undefined) infoHashes.push(added);
                return;
              }
              const torrent =
                source === "-"
                  ? parseTorrent(ports, await io.readInput(torrentLengthMax), "standard input")
                  : await loadTorrent(ports, io.workingDirectory, source);
              const added = await add(client, torrent, to, outcomes);
              if (added !== undefined) infoHashes.push(added);
            });
          }
        });
      }
      // At once, so that they keep their order.
      if (values.top && infoHashes.length > 0) await client.request({ name: "queue", infoHashes, move: "top" });
    } finally {
      ports.http.close();
    }
    return outcomes.exitCode;
  });
};

/** Where the user wants downloads to be. */
async function usualDirectory(io: CommandIo, profile: string | undefined): Promise<string> {
  const file = await openSettings(io, { profile: profileDirectory(io, profile) });
  return file.settings.downloads.directory;
}

/** @returns its info hash, `undefined` where it was there already. */
async function add(
  client: EngineClient,
  torrent: LoadedTorrent,
  to: AddTo,
  outcomes: Outcomes,
): Promise<InfoHash | undefined> {
  const { bytes, metainfo } = torrent;
  const { savePath, peers, isPaused } = to;
  const result = await naming(
    metainfo,
    client.request({
      name: "add",
      metainfo: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"),
      savePath,
      peers,
      mustCheck: false,
      ...(isPaused === undefined ? {} : { isPaused }),
      choices: { ...to.choices, ...prioritiesOf(metainfo, to) },
    }),
  );
  const isNew = !isAddResult(result) || result.isNew;
  const fields = { totalBytes: metainfo.totalLength, directory: to.savePath, isNew };
  if (isNew) outcomes.done("added", metainfo, fields);
  // Where it lies is not for us to say.
  else outcomes.done("added", metainfo, { ...fields, directory: null }, "there already:");
  return isNew ? metainfo.infoHash : undefined;
}

/** As `add`, of a magnet link. */
async function addLink(
  client: EngineClient,
  link: string,
  to: AddTo,
  outcomes: Outcomes,
): Promise<InfoHash | undefined> {
  if (to.only.length + to.skip.length > 0) {
    throw new OperationalError("magnet", "what files a magnet link has is not known yet: choose them when it is");
  }
  if (to.isTop) {
    throw new OperationalError(
      "magnet",
      "a magnet link has no place in the queue: move its torrent when that is known",
    );
  }
  const { infoHash, name } = parseMagnet(link);
  const { savePath, isPaused, peers, choices } = to;
  const paused = isPaused === undefined ? {} : { isPaused };
  const result = await client.request({ name: "add-magnet", link, savePath, peers, choices, ...paused });
  const isNew = !isAddResult(result) || result.isNew;
  const fields = { totalBytes: null, directory: isNew ? savePath : null, isNew };
  outcomes.done("added", { infoHash, name: name || infoHash }, fields, isNew ? "added" : "there already:");
  return isNew ? infoHash : undefined;
}

/** @throws OperationalError `no-such-file` where nothing would be left; what is to be skipped need not be there. */
function prioritiesOf({ files, name }: Metainfo, { only, skip }: AddTo): Pick<TorrentChanges, "priorities"> {
  if (only.length === 0 && skip.length === 0) return {};
  const named = files.flatMap(({ path, isPadding }, index) =>
    isPadding ? [] : [{ index, path: path.join("/"), priority: "normal" as const }],
  );
  const wanted = only.flatMap((pattern) => fittingFiles(named, pattern));
  if (only.length > 0 && wanted.length === 0) {
    throw new OperationalError("no-such-file", `${sanitise(name)} has no file that --only names`);
  }
  const priorities = changedFiles(named, {
    only: only.filter((pattern) => fittingFiles(named, pattern).length > 0),
    skip: skip.filter((pattern) => fittingFiles(named, pattern).length > 0),
    low: [],
    normal: [],
    high: [],
  });
  return priorities.length === 0 ? {} : { priorities };
}

/** The .torrent files of a directory by name; anything else as it is. @throws OperationalError. */
async function filesIn(io: CommandIo, source: string): Promise<readonly string[]> {
  if (source === "-" || isUrl(source) || looksLikeMagnet(source)) return [source];
  const path = resolve(io.workingDirectory, source);
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    // What it is, whoever reads it will say.
    () => false,
  );
  if (!isDirectory) return [source];
  const names = await readdir(path).catch((error: unknown) => {
    throw new OperationalError("unreadable", `cannot read ${source}: ${reasonOf(error)}`, { cause: error });
  });
  const torrents = names.filter((name) => /\.torrent$/i.test(name)).sort();
  if (torrents.length === 0) throw new OperationalError("empty-directory", `there is no .torrent file in ${source}`);
  return torrents.map((name) => join(source, name));
}
