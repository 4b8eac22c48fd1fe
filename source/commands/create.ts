/** `create`: a .torrent file for a file or folder. */
import { basename, dirname, resolve } from "node:path";
import { codeOf, OperationalError } from "../base/errors.ts";
import { sanitise, shownPath } from "../base/sanitise.ts";
import { formatSize } from "../base/units.ts";
import { createMetainfo } from "../metainfo/create-metainfo.ts";
import { formatMagnet, magnetOf } from "../metainfo/magnet.ts";
import { parseMetainfo } from "../metainfo/parse-metainfo.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { eventLine } from "./json-events.ts";
import { reasonOf } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import type { createSpec } from "./specs.ts";
import { version } from "./version.ts";

export const runCreate: RunCommand<typeof createSpec.options> = async (io, values, [source = ""]) => {
  const ports = nodePorts();
  const path = resolve(io.workingDirectory, source);
  const output = resolve(io.workingDirectory, values.output ?? `${basename(path)}.torrent`);
  const stop = new AbortController();
  const stopListening = io.onStopSignal(() => stop.abort());
  try {
    if (!values.force && (await ports.files.stat(output)) !== undefined) {
      throw new OperationalError(
        "exists",
        `${values.output ?? basename(output)} is there already: --force overwrites it`,
      );
    }
    let shown = -1;
    const bytes = await createMetainfo(ports, {
      path,
      // One tier each: the next is tried when those before fail (BEP 12).
      trackers: values.tracker.map((url) => [url]),
      pieceLength: values["piece-length"],
      isPrivate: values.private,
      comment: values.comment,
      createdBy: `p2p-tui/${version}`,
      signal: stop.signal,
      onProgress: ({ hashedLength, totalLength }) => {
        const percent = Math.floor((100 * hashedLength) / Math.max(1, totalLength));
        if (!io.isErrTerminal || percent === shown) return;
        shown = percent;
        io.err(`\r\x1b[Khashing ${percent}%`);
      },
      onSkipped: (skipped) => io.err(`p2p-tui: left out, not a file: ${shownPath(skipped, 4000)}\n`),
    });
    if (io.isErrTerminal) io.err("\r\x1b[K");
    await writeOut(() => ports.files.writeFileAtomic(output, bytes), output);
    const metainfo = parseMetainfo(bytes, ports.hasher);
    const { infoHash, totalLength, pieceCount, pieceLength, name } = metainfo;
    const magnet = formatMagnet(magnetOf(metainfo));
    if (values.json) io.out(eventLine({ event: "created", file: output, infoHash, totalBytes: totalLength, magnet }));
    else {
      io.out(
        `${sanitise(output, 4000)}: ${shownPath(name, 200)}, ${formatSize(totalLength)} in ${pieceCount} ${pieceCount === 1 ? "piece" : "pieces"} of ` +
          `${formatSize(pieceLength)}, info hash ${infoHash}\n`,
      );
      if (values.magnet) io.out(`${magnet}\n`);
    }
    return exitCode.done;
  } catch (error) {
    if (codeOf(error) === "cancelled") return exitCode.interrupted;
    throw error;
  } finally {
    stopListening();
    ports.http.close();
  }
};

async function writeOut(write: () => Promise<void>, output: string): Promise<void> {
  try {
    await write();
  } catch (error) {
    const isFolderMissing = codeOf(error) === "ENOENT";
    const why = isFolderMissing ? `there is no folder ${dirname(output)}` : reasonOf(error);
    throw new OperationalError("unwritable", `cannot write ${output}: ${why}`, { cause: error });
  }
}
