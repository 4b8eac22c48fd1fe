/** `track`: the embedded tracker by HTTP and by UDP, on one port, until interrupted. */

import { type Endpoint, formatEndpoint } from "../base/ip-address.ts";
import { plural } from "../base/units.ts";
import { NodeClock } from "../platform/node-clock.ts";
import { NodeDatagrams } from "../platform/node-datagrams.ts";
import { NodeHasher } from "../platform/node-hasher.ts";
import { NodeHttpServer } from "../platform/node-http-server.ts";
import { NodeRandom } from "../platform/node-random.ts";
import type { Clock } from "../ports/clock.ts";
import type { DatagramSocket } from "../ports/datagram.ts";
import { Tracker } from "../tracker/tracker.ts";
import { answerTrackerRequest } from "../tracker/tracker-http.ts";
import { TrackerUdp } from "../tracker/tracker-udp.ts";
import { type CommandIo, exitCode, type RunCommand } from "./command.ts";
import { eventLine } from "./json-events.ts";
import type { trackSpec } from "./specs.ts";
import { stopAsked } from "./stop-asked.ts";

/** Where trackers have listened since opentracker. */
const defaultPort = 6969;
const reportMs = 60_000;

export const runTrack: RunCommand<typeof trackSpec.options> = async (io, values) => {
  const clock = new NodeClock();
  const tracker = new Tracker(new NodeRandom());
  const stopped = stopAsked(io);
  const server = await new NodeHttpServer().listen(
    { address: values.bind ?? "", port: values.port ?? defaultPort },
    (request) => answerTrackerRequest(tracker, request, clock.nowMs()),
  );
  const { address, port } = server.local;
  const udp = await listenUdp(tracker, clock, { address: values.bind ?? "", port }).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  if (values.json) io.out(eventLine({ event: "listening", address, port }));
  else {
    const isEverywhere = address === "0.0.0.0" || address === "::";
    const host = isEverywhere ? "HOST" : formatEndpoint(server.local).slice(0, -`:${port}`.length);
    io.err(`tracking on port ${port}: announce to http://${host}:${port}/announce or udp://${host}:${port}/announce\n`);
  }
  const report = repeat(clock, reportMs, statisticsReporter(io, tracker, clock, values.json));
  await stopped;
  report.cancel();
  await Promise.all([server.close(), ...udp.map((socket) => socket.close())]);
  if (values.json) io.out(eventLine({ event: "stopped" }));
  return exitCode.done;
};

/** On one socket for each family that the machine has, where the address does not say which. */
async function listenUdp(tracker: Tracker, clock: Clock, local: Endpoint): Promise<readonly DatagramSocket[]> {
  const door = new TrackerUdp(tracker, { random: new NodeRandom(), hasher: new NodeHasher() });
  const bind = async (address: string): Promise<DatagramSocket> => {
    const socket: DatagramSocket = await new NodeDatagrams().bind(
      { address, port: local.port },
      {
        onDatagram: (bytes, remote) => {
          const answer = door.answer(bytes, remote, clock.nowMs());
          if (answer !== undefined) socket.send(answer, remote);
        },
      },
    );
    return socket;
  };
  if (local.address !== "") return [await bind(local.address)];
  const v6 = await bind("::").catch(() => undefined);
  const v4 = await bind("0.0.0.0").catch(async (error: unknown) => {
    await v6?.close();
    throw error;
  });
  return v6 === undefined ? [v4] : [v4, v6];
}

/** Tells what is tracked when it is not what was told last. */
function statisticsReporter(io: CommandIo, tracker: Tracker, clock: Clock, isJson: boolean): () => void {
  let last = "";
  return () => {
    tracker.expire(clock.nowMs());
    const { torrents, peers, seeds, announces } = tracker.statistics;
    const text = [
      plural(torrents, "torrent"),
      plural(seeds, "seed"),
      plural(peers - seeds, "leech", "leeches"),
      plural(announces, "announce"),
    ].join(", ");
    if (text === last) return;
    last = text;
    if (isJson) io.out(eventLine({ event: "tracking", torrents, peers, seeds, announces }));
    else io.err(`${text}\n`);
  };
}

function repeat(clock: Clock, everyMs: number, callback: () => void): { cancel(): void } {
  let timer = clock.after(everyMs, fire);
  function fire(): void {
    callback();
    timer = clock.after(everyMs, fire);
  }
  return { cancel: () => timer.cancel() };
}
