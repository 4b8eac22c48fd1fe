/**
 * A peer without an engine: a host, its connections and a little state, some kilobytes in all, so that tens of thousands
 * fit around a few engines. See `PeerScript` for what it does.
 */
import { Bitfield } from "../base/bitfield.ts";
import type { InfoHash, PeerId } from "../base/ids.ts";
import type { Endpoint } from "../base/ip-address.ts";
import { pick, type Random, randomBelow, randomFraction } from "../base/random.ts";
import type { Geometry } from "../metainfo/geometry.ts";
import type { Timer } from "../ports/clock.ts";
import { encodeHandshake } from "../wire/handshake.ts";
import { encodeIndices, messageId } from "../wire/messages.ts";
import { createPeerId } from "../wire/peer-id.ts";
import type { CrowdPlan, PeerScript } from "./peer-script.ts";
import { type LineScript, ScriptedLine } from "./scripted-line.ts";
import type { VirtualContent } from "./virtual-content.ts";
import type { VirtualHost } from "./virtual-network.ts";
import type { World } from "./world.ts";

export interface CrowdTorrent {
  readonly infoHash: InfoHash;
  readonly content: VirtualContent;
  readonly geometry: Geometry;
}

/** Connections of one peer, in and out. */
const linesMax = 50;
const port = 6881;
const connectTimeoutMs = 10_000;
const retryMs = 60_000;
const retryMaxMs = 30 * 60_000;
/** Long enough to read what waits; then it pauses again. */
const glanceMs = 1;

export class ScriptedPeer implements LineScript {
  readonly group: string;
  readonly script: PeerScript;
  readonly host: VirtualHost;
  readonly geometry: Geometry;
  readonly handshake: Uint8Array;
  readonly claims: Bitfield;
  readonly isGenerous: boolean;
  readonly appetite: LineScript["appetite"];
  readonly peerId: PeerId;
  /** Wrong blocks that it gave. */
  wrongBlocks = 0;
  /** Bytes of whole pieces that it took. */
  takenBytes = 0;
  /** Dials that it has tried. */
  dials = 0;
  readonly #world: World;
  readonly #torrent: CrowdTorrent;
  readonly #random: Random;
  readonly #lines = new Set<ScriptedLine>();
  readonly #timers = new Set<Timer>();
  readonly #underWay = new Set<number>();
  readonly #engines: () => readonly Endpoint[];
  #isClosed = false;

  /** @param engines whom it may dial. */
  constructor(
    world: World,
    plan: CrowdPlan,
    host: VirtualHost,
    torrent: CrowdTorrent,
    engines: () => readonly Endpoint[],
  ) {
    this.#world = world;
    this.group = plan.group;
    this.script = plan.script;
    this.host = host;
    this.#torrent = torrent;
    this.geometry = torrent.geometry;
    this.#random = world.random.fork();
    this.peerId = createPeerId(this.#random, "0.0.0");
    this.#engines = engines;
    this.claims = claimsOf(plan.script, torrent.geometry.pieceCount);
    this.isGenerous = isGenerous(plan.script);
    this.appetite =
      plan.script.kind === "leech" ? "pieces" : plan.script.kind === "slow-reader" ? "everything" : "none";
    const { infoHash } = torrent;
    const { peerId } = this;
    this.handshake =
      plan.script.kind === "mute"
        ? new Uint8Array(0)
        : encodeHandshake({ infoHash, peerId, hasExtensions: false, hasFast: true, hasDht: false });
  }

  get endpoint(): Endpoint {
    return { address: this.host.address, port };
  }

  /** Connections at present, those that it dials included. */
  get lineCount(): number {
    return this.#lines.size;
  }

  /** @param dials how many engines it dials. */
  join(dials: number): void {
    void this.host.listen(this.endpoint, (connection) => {
      if (this.#lines.size >= linesMax) return undefined;
      return this.#opened(new ScriptedLine(this, true, () => connection));
    });
    this.#announce("started");
    for (let i = 0; i < dials; i++) this.#dial(0);
    if (this.script.kind === "slow-reader") this.#readNowAndThen(this.script.everyMs);
  }

  /** Leaves without a word. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (const line of [...this.#lines]) line.connection.close();
  }

  // ── LineScript ─────────────────────────────────────────────────────────────────────────────────────────────────

  answer(piece: number, begin: number, length: number): Uint8Array | "reject" | "silence" {
    const { script } = this;
    const index = this.geometry.pieceIndex(piece);
    if (index === undefined || !this.claims.has(index) || !this.geometry.contains(index, begin, length))
      return "reject";
    if (script.kind === "liar") return script.rejects ? "reject" : "silence";
    const right = this.#torrent.content.span(this.geometry.offsetOf(index) + begin, length);
    if (script.kind !== "poisoner" || randomFraction(this.#random) >= script.part) return right;
    this.wrongBlocks++;
    return right.map((byte) => byte ^ 0xff);
  }

  nextOf(theirs: Bitfield): number | undefined {
    const { pieceCount } = this.geometry;
    const first = randomBelow(this.#random, pieceCount);
    for (let i = 0; i < pieceCount; i++) {
      const piece = (first + i) % pieceCount;
      if (theirs.has(piece) && !this.claims.has(piece) && !this.#underWay.has(piece)) return piece;
    }
    return undefined;
  }

  setUnderWay(piece: number, isUnderWay: boolean): void {
    if (isUnderWay) this.#underWay.add(piece);
    else this.#underWay.delete(piece);
  }

  pieceCame(piece: number, bytes: number): void {
    this.#underWay.delete(piece);
    this.takenBytes += bytes;
    if (!this.claims.set(piece)) return;
    const have = encodeIndices(messageId.have, [piece]);
    for (const line of this.#lines) line.announce(have);
    if (this.claims.isFull) this.#tell("completed");
  }

  ended(line: ScriptedLine): void {
    this.#lines.delete(line);
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #opened(line: ScriptedLine): ScriptedLine {
    this.#lines.add(line);
    if (this.script.kind === "slow-reader") line.connection.pause();
    return line;
  }

  #dial(failures: number): void {
    if (this.#isClosed || this.#lines.size >= linesMax) return;
    const remote = pick(this.#random, this.#engines());
    if (remote === undefined) return;
    this.dials++;
    const line = new ScriptedLine(this, false, (self) =>
      this.host.connect(
        { remote, timeoutMs: connectTimeoutMs },
        {
          onOpen: () => self.onOpen(),
          onData: (bytes) => self.onData(bytes),
          onDrain: () => self.onDrain(),
          onClose: () => {
            self.onClose();
            const delayMs = Math.min(retryMaxMs, retryMs * 2 ** failures);
            const mayBeUseful = this.takenBytes > 0;
            this.#after(delayMs * (0.75 + randomFraction(this.#random) / 2), () =>
              this.#dial(mayBeUseful ? 0 : failures + 1),
            );
          },
        },
      ),
    );
    this.#opened(line);
  }

  #announce(event: "started" | undefined): void {
    const answer = this.#tell(event);
    const seconds = answer.kind === "success" ? answer.intervalSeconds : retryMs / 1000;
    this.#after(1000 * seconds, () => this.#announce(undefined));
  }

  /** Straight to the tracker, whose answer it does not need. */
  #tell(event: "started" | "completed" | undefined) {
    const { infoHash } = this.#torrent;
    const left = this.claims.isFull ? 0 : 1;
    const { tracker } = this.#world.tracker;
    const request = { infoHash, peerId: this.peerId, port, left, event, numwant: 0, ip: undefined };
    return tracker.announce(request, this.endpoint, this.#world.clock.nowMs());
  }

  #readNowAndThen(everyMs: number): void {
    this.#after(everyMs, () => {
      for (const line of this.#lines) line.connection.resume();
      this.#after(glanceMs, () => {
        for (const line of this.#lines) line.connection.pause();
        this.#readNowAndThen(everyMs);
      });
    });
  }

  #after(ms: number, callback: () => void): void {
    if (this.#isClosed) return;
    const timer = this.#world.clock.after(ms, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }
}

function claimsOf(script: PeerScript, pieceCount: number): Bitfield {
  if (script.kind === "leech" || script.kind === "slow-reader" || script.kind === "mute")
    return new Bitfield(pieceCount);
  if (script.kind !== "idle") return Bitfield.full(pieceCount);
  const half = new Bitfield(pieceCount);
  for (let piece = 0; piece < pieceCount; piece += 2) half.set(piece);
  return half;
}

function isGenerous(script: PeerScript): boolean {
  switch (script.kind) {
    case "seed":
    case "liar":
    case "poisoner":
      return true;
    case "leech":
      return script.gives;
    case "mute":
    case "idle":
    case "slow-reader":
      return false;
  }
}
