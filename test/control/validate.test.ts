import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../source/base/errors.ts";
import { cellsMax, windowLimitMax } from "../../source/control/limits.ts";
import type { MoveReport } from "../../source/control/move-protocol.ts";
import type { ClientMessage, EngineMessage } from "../../source/control/protocol.ts";
import type { SettingsReport } from "../../source/control/settings-protocol.ts";
import { parseClientMessage, parseEngineMessage } from "../../source/control/validate.ts";
import { dhtReportOf } from "../support/dht-report.ts";
import { hash, sessionRow, torrentDetail, torrentRow, torrentTopic } from "./fake-target.ts";

const clientMessages: readonly ClientMessage[] = [
  { type: "hello", protocol: 1, version: "1.0.0" },
  { type: "request", id: 1, command: { name: "shutdown" } },
  { type: "request", id: 1, command: { name: "stay" } },
  { type: "request", id: 2, command: { name: "pause", infoHash: hash(1) } },
  { type: "request", id: 2, command: { name: "recheck", infoHash: hash(1) } },
  { type: "request", id: 3, command: { name: "remove", infoHash: hash(1), data: "delete" } },
  { type: "request", id: 3, command: { name: "queue", infoHashes: [hash(1), hash(2)], move: "top" } },
  { type: "request", id: 3, command: { name: "queue", infoHashes: [], move: 7 } },
  { type: "request", id: 3, command: { name: "alternative", mode: "auto" } },
  { type: "request", id: 4, command: { name: "limits", maxDownRate: 0, maxUpRate: 1.5e9 } },
  {
    type: "request",
    id: 5,
    command: {
      name: "add",
      metainfo: "ZGU=",
      savePath: "/downloads",
      isPaused: false,
      peers: ["127.0.0.1:1", "[::1]:2"],
      mustCheck: true,
    },
  },
  { type: "request", id: 6, command: { name: "settings" } },
  { type: "request", id: 7, command: { name: "set", changes: [{ key: "limits.up", text: "2 MB" }] } },
  { type: "request", id: 8, command: { name: "ban", addresses: ["192.0.2.0/24", "2001:db8::1"] } },
  { type: "request", id: 9, command: { name: "unban", addresses: ["192.0.2.0/24"] } },
  { type: "request", id: 10, command: { name: "bans" } },
  { type: "request", id: 10, command: { name: "kick", infoHash: hash(1), endpoint: "[2001:db8::1]:6881" } },
  { type: "request", id: 10, command: { name: "dht" } },
  { type: "request", id: 10, command: { name: "dht-scrape", infoHash: hash(1) } },
  { type: "request", id: 11, command: { name: "move", infoHash: hash(1), savePath: "/srv", isDryRun: true } },
  { type: "request", id: 12, command: { name: "rename", infoHash: hash(1), path: "a/b", to: "c" } },
  { type: "subscribe", subscription: 6, topic: { kind: "torrents" } },
  { type: "subscribe", subscription: 7, topic: torrentTopic(1) },
  {
    type: "subscribe",
    subscription: 8,
    topic: {
      ...torrentTopic(1),
      neighbour: 3,
      ledgerRounds: 60,
      rareRuns: 100,
      pieces: { offset: 500_000, limit: 500 },
      piece: 7,
    },
  },
  { type: "unsubscribe", subscription: 7 },
  { type: "ack", subscription: 7, frame: 1 },
];

const setting = {
  help: "What it is.",
  expected: "a value",
  words: ["a", "b"],
  valueText: "1",
  defaultText: "0",
  source: "file",
  needsRestart: false,
} as const;
const settings: SettingsReport = {
  path: "/settings.toml",
  revision: 3,
  problems: ["line 3: what is this?"],
  settings: [
    { ...setting, key: "a", value: 1, default: null },
    { ...setting, key: "b", value: ["x", "y"], default: "z" },
    { ...setting, key: "c", value: true, default: false },
  ],
};

const moveReport: MoveReport = {
  renamed: 1,
  copied: 2,
  absent: 0,
  copyBytes: 5,
  freeBytes: 7,
  fits: true,
  conflicts: 1,
  reasons: ["/srv/a is there already, and is not touched"],
};

const engineMessages: readonly EngineMessage[] = [
  { type: "welcome", protocol: 1, version: "1.0.0", pid: 5, profile: "/p" },
  { type: "reply", id: 1, isOk: true, result: null },
  { type: "reply", id: 1, isOk: true, result: { infoHash: hash(1), isNew: false } },
  { type: "reply", id: 2, isOk: true, result: settings },
  { type: "reply", id: 3, isOk: true, result: { bans: ["192.0.2.0/24"], filterRanges: 5, refused: 7 } },
  { type: "reply", id: 3, isOk: true, result: dhtReportOf() },
  { type: "reply", id: 3, isOk: true, result: { scrapedSeeds: 7, scrapedLeeches: 0, sources: 8 } },
  { type: "reply", id: 4, isOk: true, result: moveReport },
  { type: "reply", id: 1, isOk: false, code: "held", message: "held by somebody" },
  {
    type: "frame",
    subscription: 1,
    frame: 1,
    data: {
      kind: "torrents",
      isWhole: true,
      rows: [torrentRow(1), torrentRow(2, { checkedFraction: 0.5, etaSeconds: 3 })],
      removed: [hash(3)],
      session: sessionRow({ listenAddress: null, listenPort: null }),
    },
  },
  {
    type: "frame",
    subscription: 1,
    frame: 2,
    data: {
      kind: "graph",
      graph: { infoHash: null, span: "3h", stepSeconds: 60, newestWallMs: 5, down: [1, null], up: [0, null] },
    },
  },
  { type: "frame", subscription: 1, frame: 2, data: { kind: "torrent", detail: torrentDetail(torrentRow(1)) } },
  { type: "frame", subscription: 1, frame: 3, data: { kind: "gone" } },
  { type: "notice", notice: { kind: "listening", address: "::", port: 6881 } },
  { type: "notice", notice: { kind: "added", infoHash: hash(1), name: "a" } },
  { type: "notice", notice: { kind: "checked", infoHash: hash(1), verifiedLength: 1, totalLength: 2 } },
  { type: "notice", notice: { kind: "complete", infoHash: hash(1), bytes: 1, seconds: 0.25 } },
  { type: "notice", notice: { kind: "seeding", infoHash: hash(1) } },
  { type: "notice", notice: { kind: "failed", infoHash: hash(1), code: "disk-full", message: "the disk is full" } },
  { type: "notice", notice: { kind: "removed", isKept: true, inTrash: "", infoHash: hash(1), name: "a" } },
  { type: "notice", notice: { kind: "goal", infoHash: hash(1), name: "a", reason: "reached", action: "pause" } },
  { type: "notice", notice: { kind: "warning", message: "w" } },
  { type: "notice", notice: { kind: "stopping" } },
];

/** May be left out, and so be undefined. */
const mayBeAbsent = new Set(
  ["neighbour", "ledgerRounds", "rareRuns", "pieces", "piece"].map((key) => `topic.${key}`).concat("command.isPaused"),
);

type Parse = (value: unknown) => ClientMessage | EngineMessage;

function refused(parse: Parse, value: unknown): boolean {
  try {
    parse(value);
    return false;
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "bad-message") return true;
    throw error;
  }
}

/** Every way to the values inside a message. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    ...(path.length > 0 ? [path] : []),
    ...Object.keys(value).flatMap((key) => pathsOf(Reflect.get(value, key), [...path, key])),
  ];
}

function replaced(message: unknown, path: readonly string[], value: unknown): unknown {
  const copy: unknown = structuredClone(message);
  let at = copy as object;
  for (const key of path.slice(0, -1)) at = Reflect.get(at, key) as object;
  Reflect.set(at, path.at(-1) ?? "", value);
  return copy;
}

describe("both validators", () => {
  it("give back every message of the protocol unchanged, after JSON and before", () => {
    for (const message of clientMessages) {
      expect(parseClientMessage(message)).toEqual(message);
      expect(parseClientMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
    }
    for (const message of engineMessages) {
      expect(parseEngineMessage(message)).toEqual(message);
      expect(parseEngineMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
    }
  });

  it("keep nothing that was not asked for, and no object of the input", () => {
    const input = { type: "subscribe", subscription: 1, topic: { kind: "torrents", extra: 1 }, __extra: {} };
    const output = parseClientMessage(input);
    expect(output).toEqual({ type: "subscribe", subscription: 1, topic: { kind: "torrents" } });
    expect(parseClientMessage(JSON.parse('{"type":"unsubscribe","subscription":1,"__proto__":{"a":1}}'))).toEqual({
      type: "unsubscribe",
      subscription: 1,
    });
  });

  it("say where in a message the wrong value is", () => {
    const frame = engineMessages.find((message) => message.type === "frame" && message.data.kind === "torrents");
    const wrong = replaced(frame, ["data", "rows", "0", "downRate"], -1);
    expect(() => parseEngineMessage(wrong)).toThrow("data.rows[0].downRate is not an amount");
    expect(() => parseClientMessage([])).toThrow("message is not an object");
    expect(() => parseClientMessage({ type: "hullo" })).toThrow("type is not known");
  });

  it("refuse a message in which any one value has the wrong type", () => {
    const cases: [Parse, readonly (ClientMessage | EngineMessage)[]][] = [
      [parseClientMessage, clientMessages],
      [parseEngineMessage, engineMessages],
    ];
    for (const [parse, messages] of cases) {
      for (const message of messages) {
        for (const path of pathsOf(message)) {
          for (const wrong of [undefined, Symbol.iterator, Number.NaN, { kind: {} }]) {
            if (wrong === undefined && mayBeAbsent.has(path.join("."))) continue;
            expect(refused(parse, replaced(message, path, wrong)), `${message.type} ${path.join(".")}`).toBe(true);
          }
        }
      }
    }
  });

  it("throw nothing but a protocol error, whatever comes", () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, maxDepth: 4 });
    fc.assert(
      fc.property(anything, (value) => refused(parseClientMessage, value) && refused(parseEngineMessage, value)),
      { numRuns: 500 },
    );
    const mutated = fc
      .constantFrom(...clientMessages, ...engineMessages)
      .chain((message) => fc.tuple(fc.constant(message), fc.constantFrom(...pathsOf(message)), anything));
    fc.assert(
      fc.property(mutated, ([message, path, value]) => {
        refused(parseClientMessage, replaced(message, path, value));
        refused(parseEngineMessage, replaced(message, path, value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the client's messages", () => {
  const add = clientMessages.find((message) => message.type === "request" && message.command.name === "add");

  it("are bounded", () => {
    const topic = { type: "subscribe", subscription: 1, topic: torrentTopic(1) };
    expect(refused(parseClientMessage, replaced(topic, ["topic", "cells"], cellsMax + 1))).toBe(true);
    expect(refused(parseClientMessage, replaced(topic, ["topic", "neighbours", "limit"], windowLimitMax + 1))).toBe(
      true,
    );
    expect(refused(parseClientMessage, replaced(topic, ["topic", "neighbours", "offset"], -1))).toBe(true);
    expect(refused(parseClientMessage, replaced(topic, ["topic", "files", "offset"], 0.5))).toBe(true);
    expect(refused(parseClientMessage, replaced(topic, ["topic", "rareRuns"], 101))).toBe(true);
    expect(refused(parseClientMessage, replaced(topic, ["topic", "pieces"], { offset: 0, limit: 501 }))).toBe(true);
    expect(refused(parseClientMessage, replaced(add, ["command", "peers"], new Array(1001).fill("h:1")))).toBe(true);
    expect(refused(parseClientMessage, replaced(add, ["command", "savePath"], `/${"x".repeat(9000)}`))).toBe(true);
  });

  it("name an absolute path and base64 or are refused", () => {
    for (const path of ["relative", "", "~/x", "/a\0b"])
      expect(refused(parseClientMessage, replaced(add, ["command", "savePath"], path)), path).toBe(true);
    for (const text of ["not base64!", "A=A=", "===="])
      expect(refused(parseClientMessage, replaced(add, ["command", "metainfo"], text)), text).toBe(true);
  });
});
