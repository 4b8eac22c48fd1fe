/**
 * Everything that crosses between a UI and the engine is checked here, at both ends. Neither end trusts the other:
 * sizes are bounded, every field has its type, and what comes out is a fresh value without anything unasked for.
 */
import {
  amount,
  anId,
  arrayOf,
  boolean,
  both,
  type Check,
  checked,
  finite,
  literal,
  nullable,
  object,
  oneOf,
  partial,
  refuse,
  text,
  variant,
  whole,
} from "./check.ts";
import {
  cellsMax,
  filesMax,
  labelAskedLengthMax,
  labelsAskedMax,
  ledgerRoundsMax,
  lookUpSecondsMax,
  magnetLengthMax,
  metainfoTextLengthMax,
  pathLengthMax,
  peerLengthMax,
  peersMax,
  runsMax,
  textLengthMax,
  torrentsMax,
  windowLimitMax,
} from "./limits.ts";
import type {
  AddResult,
  ChangeResult,
  ClientMessage,
  Command,
  CommandResult,
  EngineMessage,
  GraphTopic,
  MetainfoResult,
  Topic,
  TorrentChanges,
  TorrentTopic,
  Window,
} from "./protocol.ts";
import { neighbourSorts } from "./rows.ts";
import { banCommands, bansReport } from "./validate-bans.ts";
import { dhtCommands, dhtReport, dhtScrape } from "./validate-dht.ts";
import { frame, notice, shownChoices } from "./validate-engine-data.ts";
import { infoHash } from "./validate-ids.ts";
import { graphSpan } from "./validate-insight.ts";
import { absolutePath, moveCommands, moveReport } from "./validate-move.ts";
import { filePriority } from "./validate-pieces.ts";
import { removalCommands, removedReport } from "./validate-removal.ts";
import { setCommand, settingsCommand, settingsReport } from "./validate-settings.ts";

const base64: Check<string> = (value, path) => {
  const letters = text(metainfoTextLengthMax)(value, path);
  return /^[A-Za-z0-9+/]*={0,2}$/.test(letters) ? letters : refuse(path, "base64");
};

const aWindow = {
  offset: whole(0, Number.MAX_SAFE_INTEGER),
  limit: whole(0, windowLimitMax),
} satisfies Record<keyof Window, Check<number>>;

type Closer = Pick<TorrentTopic, "neighbour" | "ledgerRounds" | "rareRuns" | "pieces" | "piece" | "scrape">;
const torrentTopicBase = object<Omit<TorrentTopic, keyof Closer>>({
  kind: literal("torrent"),
  infoHash,
  neighbours: object<TorrentTopic["neighbours"]>({
    ...aWindow,
    sort: oneOf(...neighbourSorts),
    isDescending: boolean,
  }),
  files: object<Window>(aWindow),
  logLimit: whole(0, windowLimitMax),
  cells: whole(0, cellsMax),
});
const torrentTopic: Check<TorrentTopic> = both(
  torrentTopicBase,
  partial<Closer>({
    neighbour: anId,
    ledgerRounds: whole(1, ledgerRoundsMax),
    rareRuns: whole(0, runsMax),
    pieces: object<Window>(aWindow),
    piece: anId,
    scrape: oneOf("fresh", "known"),
  }),
);

const topic: Check<Topic> = variant<Topic>("kind", {
  torrents: object<{ readonly kind: "torrents" }>({ kind: literal("torrents") }),
  torrent: torrentTopic,
  graph: object<GraphTopic>({ kind: literal("graph"), infoHash: nullable(infoHash), span: graphSpan }),
});

type CommandOf<Name extends Command["name"]> = Extract<Command, { readonly name: Name }>;
const onOneTorrent = object<CommandOf<"pause" | "resume" | "reannounce" | "recheck">>({
  name: oneOf("pause", "resume", "reannounce", "recheck"),
  infoHash,
});

const changes: Check<TorrentChanges> = partial<TorrentChanges>({
  ...shownChoices,
  labels: arrayOf(text(labelAskedLengthMax), labelsAskedMax),
  priorities: arrayOf(
    object<Exclude<TorrentChanges["priorities"], undefined>[number]>({
      file: whole(0, filesMax),
      priority: filePriority,
    }),
    filesMax,
  ),
});

type AsSet = Pick<CommandOf<"add">, "isPaused" | "choices">;
const asSet = partial<AsSet>({ isPaused: boolean, choices: changes });

const command: Check<Command> = variant<Command>("name", {
  add: both(
    object<Omit<CommandOf<"add">, keyof AsSet>>({
      name: literal("add"),
      metainfo: base64,
      savePath: absolutePath,
      peers: arrayOf(text(peerLengthMax), peersMax),
      mustCheck: boolean,
    }),
    asSet,
  ),
  "add-magnet": both(
    object<Omit<CommandOf<"add-magnet">, keyof AsSet>>({
      name: literal("add-magnet"),
      link: text(magnetLengthMax),
      savePath: absolutePath,
      peers: arrayOf(text(peerLengthMax), peersMax),
    }),
    asSet,
  ),
  "look-up": object<CommandOf<"look-up">>({
    name: literal("look-up"),
    link: text(magnetLengthMax),
    peers: arrayOf(text(peerLengthMax), peersMax),
    seconds: whole(1, lookUpSecondsMax),
  }),
  change: object<CommandOf<"change">>({ name: literal("change"), infoHash, changes }),
  pause: onOneTorrent,
  resume: onOneTorrent,
  reannounce: onOneTorrent,
  recheck: onOneTorrent,
  queue: object<CommandOf<"queue">>({
    name: literal("queue"),
    infoHashes: arrayOf(infoHash, torrentsMax),
    move: (value, path) =>
      typeof value === "number"
        ? whole(1, Number.MAX_SAFE_INTEGER)(value, path)
        : oneOf("top", "up", "down", "bottom")(value, path),
  }),
  alternative: object<CommandOf<"alternative">>({ name: literal("alternative"), mode: oneOf("on", "off", "auto") }),
  limits: object<CommandOf<"limits">>({ name: literal("limits"), maxDownRate: amount, maxUpRate: amount }),
  ...banCommands,
  ...dhtCommands,
  kick: object<CommandOf<"kick">>({ name: literal("kick"), infoHash, endpoint: text(peerLengthMax) }),
  ...moveCommands,
  ...removalCommands,
  settings: settingsCommand,
  set: setCommand,
  stay: object<CommandOf<"stay">>({ name: literal("stay") }),
  shutdown: object<CommandOf<"shutdown">>({ name: literal("shutdown") }),
});

type ClientMessageOf<Type extends ClientMessage["type"]> = Extract<ClientMessage, { readonly type: Type }>;

const clientMessage: Check<ClientMessage> = variant<ClientMessage>("type", {
  hello: object<ClientMessageOf<"hello">>({ type: literal("hello"), protocol: finite, version: text(100) }),
  request: object<ClientMessageOf<"request">>({ type: literal("request"), id: anId, command }),
  subscribe: object<ClientMessageOf<"subscribe">>({ type: literal("subscribe"), subscription: anId, topic }),
  unsubscribe: object<ClientMessageOf<"unsubscribe">>({ type: literal("unsubscribe"), subscription: anId }),
  ack: object<ClientMessageOf<"ack">>({ type: literal("ack"), subscription: anId, frame: anId }),
});

const changeResult = object<ChangeResult>({ before: changes });
const addResult = object<AddResult>({ infoHash, isNew: boolean });

const metainfoResult = object<MetainfoResult>({ metainfo: base64 });

const commandResult: Check<CommandResult> = nullable((value, path) => {
  const has = (field: string) => typeof value === "object" && value !== null && field in value;
  if (has("settings")) return settingsReport(value, path);
  if (has("metainfo")) return metainfoResult(value, path);
  if (has("conflicts")) return moveReport(value, path);
  if (has("before")) return changeResult(value, path);
  if (has("dhtProblem")) return dhtReport(value, path);
  if (has("scrapedSeeds")) return dhtScrape(value, path);
  if (has("removed")) return removedReport(value, path);
  return has("bans") ? bansReport(value, path) : addResult(value, path);
});

type Welcome = Extract<EngineMessage, { readonly type: "welcome" }>;
type Reply = Extract<EngineMessage, { readonly type: "reply" }>;
type FrameMessage = Extract<EngineMessage, { readonly type: "frame" }>;
type NoticeMessage = Extract<EngineMessage, { readonly type: "notice" }>;

const goodReply = object<Extract<Reply, { readonly isOk: true }>>({
  type: literal("reply"),
  id: anId,
  isOk: literal(true),
  result: commandResult,
});
const badReply = object<Extract<Reply, { readonly isOk: false }>>({
  type: literal("reply"),
  id: anId,
  isOk: literal(false),
  code: text(100),
  message: text(textLengthMax),
});

const engineMessage: Check<EngineMessage> = variant<EngineMessage>("type", {
  welcome: object<Welcome>({
    type: literal("welcome"),
    protocol: finite,
    version: text(100),
    pid: anId,
    profile: text(pathLengthMax),
  }),
  reply: (value, path) =>
    (value as { readonly isOk?: unknown }).isOk === true ? goodReply(value, path) : badReply(value, path),
  frame: object<FrameMessage>({ type: literal("frame"), subscription: anId, frame: anId, data: frame }),
  notice: object<NoticeMessage>({ type: literal("notice"), notice: notice }),
});

const anyRequest = object<{ readonly type: "request"; readonly id: number }>({ type: literal("request"), id: anId });

/** @returns the id of a request, whatever its command is; `undefined` for anything else. Never throws. */
export function requestIdIn(value: unknown): number | undefined {
  try {
    return checked(anyRequest, value).id;
  } catch {
    return undefined;
  }
}

/** @throws ProtocolError `bad-message`, and nothing else. */
export function parseClientMessage(value: unknown): ClientMessage {
  return checked(clientMessage, value);
}

/** @throws ProtocolError `bad-message`, and nothing else. */
export function parseEngineMessage(value: unknown): EngineMessage {
  return checked(engineMessage, value);
}
