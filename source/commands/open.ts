/** `p2p-tui` itself: the UI in this process, on an engine in another. */
import { resolve } from "node:path";
import { maskUrl } from "../base/sanitise.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { NodeClock } from "../platform/node-clock.ts";
import type { AddRequest } from "../tui/run-tui.tsx";
import { type AttachedEngine, attachEngine, engineEnded } from "./attach.ts";
import type { RunCommand } from "./command.ts";
import { downloadDirectory } from "./directories.ts";
import { engineSettings } from "./engine-settings.ts";
import { isUrl, type LoadedTorrent, loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import { UsageError } from "./option-table.ts";
import type { openSpec } from "./specs.ts";

/** Trackers are told within three seconds; the rest is a moment. */
const stopTimeoutMs = 6000;

export const runOpen: RunCommand<typeof openSpec.options> = async (io, values, positionals) => {
  if (!io.isOutTerminal) {
    throw new UsageError("the full-screen UI needs a terminal: `p2p-tui get` downloads without one");
  }
  const settings = engineSettings(io, values);
  const directory = values.dir === undefined ? downloadDirectory(io) : resolve(io.workingDirectory, values.dir);
  const ports = nodePorts();
  const load = async (source: string): Promise<AddRequest> => {
    const torrent = await loadTorrent(ports, io.workingDirectory, source);
    return addRequest(torrent, directory, values.peer);
  };
  try {
    const initialTorrents: AddRequest[] = [];
    for (const source of positionals) {
      // The UI comes after it: a slow server must not look like a hang.
      if (isUrl(source)) io.err(`fetching ${maskUrl(source)}\n`);
      initialTorrents.push(await load(source));
    }
    let attached: AttachedEngine | undefined;
    const logPath = values.log === undefined ? undefined : resolve(io.workingDirectory, values.log);
    const connect = async (): Promise<EngineClient> => {
      const clock = new NodeClock();
      attached = await attachEngine({ clock }, settings, { logPath, lingerSeconds: 20 });
      return attached.process === undefined ? withoutShutdown(attached.client) : attached.client;
    };
    const { runTui } = await import("../tui/run-tui.tsx");
    const outcome = await runTui({
      connect,
      initialTorrents,
      openFirst: initialTorrents.length > 0,
      loadTorrent: load,
    });
    for (const line of outcome.summary) io.err(`${line}\n`);
    if (attached?.process !== undefined) await engineEnded(ports, attached.process, stopTimeoutMs);
    return outcome.exitCode;
  } finally {
    ports.http.close();
  }
};

function addRequest(torrent: LoadedTorrent, savePath: string, peers: readonly string[]): AddRequest {
  const { bytes } = torrent;
  const metainfo = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return { metainfo, savePath, peers };
}

/** An engine that was there before us is not ours to stop: leaving is only leaving. */
function withoutShutdown(client: EngineClient): EngineClient {
  return {
    engine: client.engine,
    request: (command) => (command.name === "shutdown" ? Promise.resolve(null) : client.request(command)),
    subscribe: (topic, onFrame) => client.subscribe(topic, onFrame),
    onNotice: (listener) => client.onNotice(listener),
    onClose: (listener) => client.onClose(listener),
    close: () => client.close(),
  };
}
