/**
 * `p2p-tui` itself: the UI in this process, on an engine in another. An engine that was started here ends with the UI, or
 * soon after it was lost, unless the user has it stay. One that ran before is left as it is.
 */
import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { maskUrl } from "../base/sanitise.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { looksLikeMagnet, parseMagnet } from "../metainfo/magnet.ts";
import { NodeClock } from "../platform/node-clock.ts";
import type { AddRequest } from "../tui/run-tui.tsx";
import { type AttachedEngine, attachEngine } from "./attach.ts";
import type { RunCommand } from "./command.ts";
import { assertAsAsked } from "./engine-options.ts";
import { engineSettings } from "./engine-settings.ts";
import { isUrl, type LoadedTorrent, loadTorrent } from "./load-torrent.ts";
import { nodePorts } from "./node-ports.ts";
import { runningEngine } from "./offer-restart.ts";
import { UsageError } from "./option-table.ts";
import { childEnded } from "./processes.ts";
import { askToStay, engineCommand, namingStop, profileOption, versionNote } from "./running-engine.ts";
import { openSettings } from "./settings-place.ts";
import type { openSpec } from "./specs.ts";
import { torrentSources } from "./torrent-sources.ts";

/** A UI that is gone without a word (its terminal was closed) may be opened again for so long. */
const lingerSeconds = 20;
/** Trackers are told within three seconds; the rest is a moment. */
const stopTimeoutMs = 6000;

export const runOpen: RunCommand<typeof openSpec.options> = async (io, values, positionals) => {
  if (!io.isOutTerminal) {
    throw new UsageError("the full-screen UI needs a terminal: `p2p-tui get` downloads without one");
  }
  const settings = engineSettings(io, values);
  const file = await openSettings(io, settings);
  const chosen = file.settings;
  const directory = values.dir === undefined ? chosen.downloads.directory : resolve(io.workingDirectory, values.dir);
  const ports = nodePorts();
  const load = async (source: string): Promise<AddRequest> => {
    const { peer: peers } = values;
    if (looksLikeMagnet(source)) return { torrent: { link: checkedLink(source) }, savePath: directory, peers };
    const torrent = await loadTorrent(ports, io.workingDirectory, source);
    return addRequest(torrent, directory, peers);
  };
  try {
    const initialTorrents: AddRequest[] = [];
    for (const source of positionals) {
      // The UI comes after it: a slow server must not look like a hang.
      if (isUrl(source)) io.err(`fetching ${maskUrl(source)}\n`);
      initialTorrents.push(await load(source));
    }
    const onQuit = values["on-quit"] ?? chosen.ui.onQuit;
    const logPath = values.log === undefined ? undefined : resolve(io.workingDirectory, values.log);
    const start = { logPath, lingerSeconds: onQuit === "keep" ? undefined : lingerSeconds };
    const running = await runningEngine(ports, io, settings, logPath);
    if (running !== undefined) {
      await assertAsAsked(io, running, settings).catch((error: unknown) => {
        running.close();
        throw error;
      });
    }
    const attach = (): Promise<AttachedEngine> =>
      attachEngine({ clock: new NodeClock() }, settings, start).catch((error: unknown) => {
        throw namingStop(error, io, settings.profile);
      });
    // An engine that is needed starts while the UI is loaded; one that runs may end by then.
    let early: Promise<AttachedEngine> | undefined =
      running === undefined ? attach() : Promise.resolve({ client: running, process: undefined });
    early.then(
      ({ client }) =>
        client.onClose(() => {
          early = undefined;
        }),
      // It is told of when the UI asks.
      () => {},
    );
    let attached: AttachedEngine | undefined;
    const connect = async (): Promise<EngineClient> => {
      const found = early ?? attach();
      early = undefined;
      attached = await found;
      if (attached.process !== undefined) return attached.client;
      if (onQuit === "keep") await askToStay(attached.client);
      return withoutShutdown(attached.client);
    };
    const { runTui } = await import("../tui/run-tui.tsx");
    keepYoungHeapSmall();
    const outcome = await runTui({
      connect,
      initialTorrents,
      openFirst: initialTorrents.length > 0,
      sources: torrentSources(ports, io.workingDirectory, {
        savePath: directory,
        isPaused: chosen.downloads.startPaused,
        isSequential: chosen.downloads.sequential,
        peers: values.peer,
      }),
      profileOption: profileOption(io, settings.profile),
      settings: new Map(file.states.map(({ entry, value }) => [entry.key, value])),
      // What ran before goes on: there is nothing to ask.
      onQuit: running !== undefined && onQuit === "ask" ? "stop" : onQuit,
    });
    for (const line of outcome.summary) io.err(`${line}\n`);
    if (attached !== undefined) {
      const note = versionNote(io, attached.client);
      if (note !== undefined) io.err(`${note}\n`);
      if (attached.process === undefined && onQuit !== "keep" && outcome.engine !== "lost") {
        io.err(`the engine goes on: \`${engineCommand(io, settings.profile, "stop")}\` ends it\n`);
      }
      if (attached.process !== undefined && outcome.engine !== "kept") {
        await childEnded(ports.clock, attached.process, stopTimeoutMs);
      }
    }
    return outcome.exitCode;
  } finally {
    ports.http.close();
  }
};

function addRequest(torrent: LoadedTorrent, savePath: string, peers: readonly string[]): AddRequest {
  const { bytes } = torrent;
  const metainfo = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return { torrent: { metainfo }, savePath, peers };
}

/**
 * V8 doubles the space of young objects each time that much in it survives, to 128 MiB. Frames of JSON die young in any case:
 * what it has grown to by now does for them.
 */
function keepYoungHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
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

/** @throws OperationalError `bad-magnet`, `v2-only`: before the UI is there, where it can be read. */
function checkedLink(link: string): string {
  parseMagnet(link);
  return link;
}
