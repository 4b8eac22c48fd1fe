/** Bad trackers over real HTTP (HOSTILE C1–C4): each is an error in words and a back-off, never a flood of announces. */
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { SeededRandom } from "../../source/base/random.ts";
import { Announcer } from "../../source/discovery/announcer.ts";
import { NodeHttpClient } from "../../source/platform/node-http-client.ts";
import { listenRaw, pour, type RawServer } from "../support/raw-server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { RecordingHost, trackersOver } from "./scripted-trackers.ts";

let server: RawServer | undefined;

afterEach(async () => {
  await server?.close();
});

function ok(body: string | Uint8Array, headers = ""): Uint8Array {
  const raw = Buffer.from(body);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}Content-Length: ${raw.length}\r\n\r\n`), raw]);
}

/** One announce to a tracker that responds so; its log line is awaited. Time stands still, but for the deadline. */
async function announceTo(respond: Parameters<typeof listenRaw>[0], timeoutMs = 30_000) {
  server = await listenRaw(respond);
  const clock = new VirtualClock();
  const client = new NodeHttpClient();
  const http = { get: (request: Parameters<NodeHttpClient["get"]>[0]) => client.get({ ...request, timeoutMs }) };
  const host = new RecordingHost();
  const logged = new Promise<void>((resolve) => {
    host.log = (text) => {
      host.lines.push(text);
      resolve();
    };
  });
  const url = `http://127.0.0.1:${server.port}/announce`;
  const options = { tiers: [[url]], key: 1, trackers: trackersOver(clock, http) };
  const announcer = new Announcer({ clock, random: new SeededRandom(1) }, host, options);
  announcer.start();
  await logged;
  const row = announcer.rows()[0];
  const requests = server.requests.length;
  await announcer.stop(0);
  return { row, requests, host, pendingTimers: clock.pendingTimers };
}

test.each<[name: string, respond: Parameters<typeof listenRaw>[0], message: RegExp]>([
  [
    "endless body",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      pour(socket, "x".repeat(65_536));
    },
    /more than/,
  ],
  [
    "endless headers",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, "A: b\r\n".repeat(1000));
    },
    /too many headers/,
  ],
  [
    "gzip bomb",
    (socket) => socket.end(ok(gzipSync(new Uint8Array(32 << 20)), "Content-Encoding: gzip\r\n")),
    /more than/,
  ],
  ["redirect loop", (socket) => socket.end("HTTP/1.1 302 F\r\nLocation: /announce\r\n\r\n"), /redirects more than 5/],
  ["silence", () => {}, /did not answer/],
  [
    "a drip",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
      const timer = setInterval(() => socket.write("d"), 50);
      socket.on("close", () => clearInterval(timer));
    },
    /did not answer in full/,
  ],
  ["a closed door", (socket) => socket.destroy(), /closed the connection/],
  ["garbage", (socket) => socket.end("\u0000\u0001\u0002\r\n\r\n"), /does not answer in HTTP/],
  ["a web page", (socket) => socket.end(ok("<html>")), /no tracker/],
  ["an error page", (socket) => socket.end("HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\nbad"), /HTTP status 502/],
  ["deep nesting", (socket) => socket.end(ok(`d5:peers${"l".repeat(100_000)}`)), /no tracker/],
  ["a huge integer", (socket) => socket.end(ok(`d8:intervali${"1".repeat(9999)}ee`)), /no tracker/],
])("a tracker of %s is a failure in words", async (_name, respond, message) => {
  // Where the deadline itself is what helps, the announcer's half minute would be a long test.
  const timeoutMs = message.source.startsWith("did not answer") ? 1000 : 30_000;
  const { row, requests, host, pendingTimers } = await announceTo(respond, timeoutMs);
  expect(row?.state).toBe("failed");
  expect(row?.message).toMatch(message);
  expect(row?.nextAnnounceMs).toBeGreaterThanOrEqual(12_000);
  expect(requests).toBeLessThanOrEqual(6);
  expect(host.peers).toEqual([]);
  expect(pendingTimers).toBe(0);
});

test.each([
  ["interval 0", "d8:intervali0e5:peers0:e", 1800_000],
  ["a negative interval", "d8:intervali-1e5:peers0:e", 1800_000],
  ["an interval of 2^62", "d8:intervali4611686018427387904e5:peers0:e", 86_400_000],
  ["an interval of 1 s", "d8:intervali1e5:peers0:e", 60_000],
  ["an interval in words", "d8:interval3:now5:peers0:e", 1800_000],
  ["no interval", "d5:peers0:e", 1800_000],
])("a tracker of %s is asked again in good time", async (_name, body, nextMs) => {
  const { row, requests } = await announceTo((socket) => socket.end(ok(body)));
  expect(row).toMatchObject({ state: "working", nextAnnounceMs: nextMs });
  expect(requests).toBe(1);
});

test("a tracker on this machine is asked at an announce path alone, so that no other service is (HOSTILE A9)", async () => {
  server = await listenRaw((socket) => socket.end(ok("d8:intervali60e5:peers0:e")));
  for (const path of ["/admin/delete?all=1&x=/announce", "/", "/announce/../shutdown"]) {
    const clock = new VirtualClock();
    const host = new RecordingHost();
    const logged = new Promise<void>((resolve) => {
      host.log = () => resolve();
    });
    const tiers = [[`http://localhost:${server.port}${path}`]];
    const options = { tiers, key: 1, trackers: trackersOver(clock, new NodeHttpClient()) };
    const announcer = new Announcer({ clock, random: new SeededRandom(1) }, host, options);
    announcer.start();
    await logged;
    expect(announcer.rows()[0]?.message).toMatch(/may not be contacted/);
    await announcer.stop(0);
  }
  expect(server.requests).toEqual([]);
});
