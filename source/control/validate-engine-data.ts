/** Checks of what the engine shows (frames) and tells (notices). See `validate.ts`. */
import {
  amount,
  anId,
  arrayOf,
  boolean,
  type Check,
  finite,
  literal,
  nullable,
  object,
  oneOf,
  text,
  variant,
  whole,
} from "./check.ts";
import {
  connectionsMax,
  disksMax,
  historyMax,
  hostLengthMax,
  labelLengthMax,
  labelsMax,
  pathLengthMax,
  slotsMax,
  sourcesMax,
  textLengthMax,
  torrentsMax,
  trackerHostsMax,
  trackersMax,
  windowLimitMax,
} from "./limits.ts";
import type {
  ChokerRow,
  DiskRow,
  FileRow,
  Frame,
  Lifetime,
  LogLine,
  NeighbourRow,
  Notice,
  PeerSource,
  SessionRow,
  ShortDisk,
  ShownChoices,
  SourceRow,
  TorrentDetail,
  TorrentRow,
  TorrentsFrame,
  TrackerRow,
} from "./protocol.ts";
import { infoHash } from "./validate-ids.ts";
import {
  bound,
  chokeLedger,
  forecast,
  graph,
  neighbourDetail,
  neighbourTimes,
  timeOfAll,
  verdicts,
} from "./validate-insight.ts";

import { filePriority, pieceDetail, pieceList, pieceMap, rarity } from "./validate-pieces.ts";

const words = text(textLengthMax);
const port = whole(0, 65_535);

const labels = arrayOf(text(labelLengthMax), labelsMax);

/** The checks of its fields, for `partial` as well. */
export const shownChoices = {
  labels,
  isSequential: boolean,
  isSuperSeed: boolean,
  maxDownRate: amount,
  maxUpRate: amount,
  slots: nullable(whole(0, slotsMax)),
  connections: nullable(whole(1, connectionsMax)),
  isForced: boolean,
  ratioGoal: nullable(amount),
  seedMinutesGoal: nullable(amount),
  idleMinutesGoal: nullable(amount),
} satisfies { readonly [Key in keyof ShownChoices]: Check<ShownChoices[Key]> };

const torrentRow: Check<TorrentRow> = object<TorrentRow>({
  infoHash,
  name: words,
  state: oneOf("fetching", "checking", "downloading", "seeding", "queued", "moving", "paused", "failed"),
  queuePosition: amount,
  reason: words,
  savePath: text(pathLengthMax),
  labels,
  isPrivate: boolean,
  totalLength: amount,
  verifiedLength: amount,
  wantedLength: amount,
  leftLength: amount,
  pieceLength: amount,
  pieceCount: amount,
  verifiedPieces: amount,
  checkedFraction: nullable(amount),
  downRate: amount,
  upRate: amount,
  downloaded: amount,
  uploaded: amount,
  wasted: amount,
  etaSeconds: nullable(amount),
  missingSpace: amount,
  neighbours: amount,
  neighbourSeeds: amount,
  knownPeers: amount,
  swarmSeeds: nullable(amount),
  swarmLeeches: nullable(amount),
  trackerHosts: arrayOf(text(hostLengthMax), trackerHostsMax),
  addedWallMs: finite,
  completedWallMs: nullable(finite),
});

const sessionRow: Check<SessionRow> = object<SessionRow>({
  version: text(100),
  pid: anId,
  profile: text(pathLengthMax),
  listenAddress: nullable(text(300)),
  listenPort: nullable(port),
  listenProblem: words,
  hasIncoming: boolean,
  dhtNodes: nullable(amount),
  dhtProblem: words,
  refused: amount,
  downRate: amount,
  upRate: amount,
  maxDownRate: amount,
  maxUpRate: amount,
  alternative: object<SessionRow["alternative"]>({
    isOn: boolean,
    isByHand: boolean,
    nextSwitchWallMs: nullable(finite),
  }),
  disks: arrayOf(object<DiskRow>({ folder: text(pathLengthMax), freeBytes: amount, leftBytes: amount }), disksMax),
  shortDisk: nullable(
    object<ShortDisk>({
      folder: text(pathLengthMax),
      freeBytes: amount,
      missingBytes: amount,
      fullSeconds: nullable(amount),
    }),
  ),
  lifetime: object<Lifetime>({ downloaded: amount, uploaded: amount, seconds: amount, sessions: amount }),
  neighbours: amount,
  settingsRevision: nullable(amount),
  upSeconds: amount,
});

const peerSource: Check<PeerSource> = oneOf("tracker", "dht", "pex", "lsd", "incoming", "manual");

const neighbourRow: Check<NeighbourRow> = object<NeighbourRow>({
  id: anId,
  endpoint: text(300),
  client: words,
  isIncoming: boolean,
  source: peerSource,
  amChoking: boolean,
  amInterested: boolean,
  peerChoking: boolean,
  peerInterested: boolean,
  isSnubbed: boolean,
  isSeed: boolean,
  flags: text(100),
  downRate: amount,
  upRate: amount,
  downloaded: amount,
  uploaded: amount,
  progress: amount,
  requestsOut: amount,
  requestWindow: amount,
  requestsIn: amount,
  slot: nullable(oneOf("regular", "optimistic")),
  slotReason: words,
  roundTripMs: nullable(amount),
  time: neighbourTimes,
  connectedSeconds: amount,
});

const trackerRow: Check<TrackerRow> = object<TrackerRow>({
  url: words,
  tier: amount,
  state: oneOf("waiting", "announcing", "working", "failed", "unsupported"),
  message: words,
  seeds: nullable(amount),
  leeches: nullable(amount),
  downloaded: nullable(amount),
  peersReceived: amount,
  nextAnnounceMs: nullable(finite),
});

const torrentDetail: Check<TorrentDetail> = object<TorrentDetail>({
  row: torrentRow,
  neighbours: arrayOf(neighbourRow, windowLimitMax),
  neighbourCount: amount,
  pieces: pieceMap,
  choker: object<ChokerRow>({
    mode: oneOf("leech", "seed", "super-seed"),
    regularSlots: amount,
    rechokeMs: finite,
    optimisticMs: finite,
    interestedNeighbours: amount,
    unchokedNeighbours: amount,
  }),
  trackers: arrayOf(trackerRow, trackersMax),
  isScraping: boolean,
  sources: arrayOf(
    object<SourceRow>({ source: peerSource, known: amount, connected: amount, note: words }),
    sourcesMax,
  ),
  files: arrayOf(
    object<FileRow>({
      index: amount,
      priority: filePriority,
      path: words,
      length: amount,
      progress: amount,
      availability: nullable(amount),
    }),
    windowLimitMax,
  ),
  fileCount: amount,
  downHistory: arrayOf(amount, historyMax),
  upHistory: arrayOf(amount, historyMax),
  log: arrayOf(object<LogLine>({ number: anId, wallMs: finite, text: words }), windowLimitMax),
  comment: words,
  choices: object<ShownChoices>(shownChoices),
  time: nullable(timeOfAll),
  why: verdicts,
  bound: nullable(bound),
  forecast: nullable(forecast),
  neighbour: nullable(neighbourDetail),
  ledger: nullable(chokeLedger),
  rarity: nullable(rarity),
  pieceList: nullable(pieceList),
  piece: nullable(pieceDetail),
});

type FrameOf<Kind extends Frame["kind"]> = Extract<Frame, { readonly kind: Kind }>;

export const frame: Check<Frame> = variant<Frame>("kind", {
  torrents: object<TorrentsFrame>({
    kind: literal("torrents"),
    isWhole: boolean,
    rows: arrayOf(torrentRow, torrentsMax),
    removed: arrayOf(infoHash, torrentsMax),
    session: sessionRow,
  }),
  torrent: object<FrameOf<"torrent">>({ kind: literal("torrent"), detail: torrentDetail }),
  graph: object<FrameOf<"graph">>({ kind: literal("graph"), graph }),
  gone: object<FrameOf<"gone">>({ kind: literal("gone") }),
});

type NoticeOf<Kind extends Notice["kind"]> = Extract<Notice, { readonly kind: Kind }>;

export const notice: Check<Notice> = variant<Notice>("kind", {
  listening: object<NoticeOf<"listening">>({ kind: literal("listening"), address: text(300), port }),
  added: object<NoticeOf<"added">>({ kind: literal("added"), infoHash, name: words }),
  checked: object<NoticeOf<"checked">>({
    kind: literal("checked"),
    infoHash,
    verifiedLength: amount,
    totalLength: amount,
  }),
  complete: object<NoticeOf<"complete">>({ kind: literal("complete"), infoHash, bytes: amount, seconds: amount }),
  seeding: object<NoticeOf<"seeding">>({ kind: literal("seeding"), infoHash }),
  failed: object<NoticeOf<"failed">>({ kind: literal("failed"), infoHash, code: text(100), message: words }),
  goal: object<NoticeOf<"goal">>({
    kind: literal("goal"),
    infoHash,
    name: words,
    reason: words,
    action: oneOf("pause", "remove", "remove-with-data"),
  }),
  removed: object<NoticeOf<"removed">>({
    kind: literal("removed"),
    infoHash,
    name: words,
    isKept: boolean,
    inTrash: words,
  }),
  restored: object<NoticeOf<"restored">>({ kind: literal("restored"), infoHash, name: words }),
  warning: object<NoticeOf<"warning">>({ kind: literal("warning"), message: words }),
  stopping: object<NoticeOf<"stopping">>({ kind: literal("stopping") }),
});
