/**
 * The embedded tracker over real UDP, in a process of its own, under a flood from this machine: connect requests, announces by
 * ids that are made up, garbage, and honest announces besides. Its processor time and memory must stay bounded, an honest peer
 * must be answered, and what is forged must get no more bytes than it has.
 *
 *   node test/bench/tracker-flood.ts [--rate 20000] [--seconds 10]     `node source/build.ts` comes first.
 */
import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { infoHashFromBytes } from "../../source/base/ids.ts";
import { encodeConnect, encodeUdpAnnounce } from "../../source/discovery/udp-tracker-codec.ts";
import { NodeDatagrams } from "../../source/platform/node-datagrams.ts";
import { AnnouncingPeer } from "../support/announcing-peer.ts";

const { values } = parseArgs({
  options: { rate: { type: "string", default: "20000" }, seconds: { type: "string", default: "10" } },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
const program = join(import.meta.dirname, "../../dist/p2p-tui.js");
const child = spawn(process.execPath, [program, "track", "--bind", "127.0.0.1", "--port", "0", "--json"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const port = await new Promise<number>((resolve) => {
  createInterface(child.stdout).once("line", (line) => resolve((JSON.parse(line) as { port: number }).port));
});
const remote = { address: "127.0.0.1", port };

/** Clock ticks are hundredths of a second on every Linux. */
function usage(): { readonly cpuSeconds: number; readonly rssBytes: number } {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const pages = Number(readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ")[1]);
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rssBytes: pages * 4096 };
}

const kinds: Readonly<Record<string, () => Uint8Array>> = {
  "connect requests": () => encodeConnect(1),
  "announces by made-up ids": () => {
    const infoHash = infoHashFromBytes(randomFillSync(new Uint8Array(20)));
    const peerId = "00".repeat(20) as Parameters<typeof encodeUdpAnnounce>[2]["peerId"];
    const query = { infoHash, peerId, port: 1, uploaded: 0, downloaded: 0, left: 0, numwant: 200, key: 0 };
    return encodeUdpAnnounce(BigInt(Math.floor(Math.random() * 2 ** 52)), 1, query, "");
  },
  garbage: () => randomFillSync(new Uint8Array(Math.floor(Math.random() * 1400))),
};

async function flood(name: string, make: () => Uint8Array): Promise<void> {
  let answers = 0;
  let answerBytes = 0;
  let sentBytes = 0;
  let sent = 0;
  const socket = await new NodeDatagrams().bind(
    { address: "127.0.0.1", port: 0 },
    {
      onDatagram: (bytes) => {
        answers++;
        answerBytes += bytes.length;
      },
    },
  );
  const before = usage();
  const began = performance.now();
  let slowestMs = 0;
  let isOver = false;
  const honest = (async () => {
    for (let i = 0; !isOver; i++) {
      const peer = new AnnouncingPeer(
        `udp://127.0.0.1:${port}`,
        infoHashFromBytes(new Uint8Array(20).fill(7)),
        1000 + i,
      );
      const at = performance.now();
      await peer.start();
      slowestMs = Math.max(slowestMs, performance.now() - at);
      if (peer.announcer.rows()[0]?.state !== "working") throw new Error("an honest peer was not answered");
      await peer.stop();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  while (performance.now() - began < seconds * 1000) {
    const due = ((performance.now() - began) / 1000) * rate;
    for (; sent < due; sent++) {
      const bytes = make();
      sentBytes += bytes.length;
      socket.send(bytes, remote);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  isOver = true;
  await honest;
  const after = usage();
  await socket.close();
  const cpu = (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds;
  const cells = [
    name,
    Math.round(sent / seconds).toLocaleString("en"),
    `${cpu.toFixed(0)} %`,
    `${((after.rssBytes - before.rssBytes) / 1e6).toFixed(1)} MB`,
    `${(after.rssBytes / 1e6).toFixed(0)} MB`,
    answers.toLocaleString("en"),
    (answerBytes / Math.max(1, sentBytes)).toFixed(2),
    `${slowestMs.toFixed(0)} ms`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

console.log(
  "| flood | sent a second | CPU | RSS grew by | RSS | answers | bytes back per byte | slowest honest announce |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const [name, make] of Object.entries(kinds)) await flood(name, make);
child.kill();
