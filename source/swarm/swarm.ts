/**
 * One torrent's swarm as we see it: its neighbours, what they have, what is asked of whom, who may download from us.
 * It is told of everything by its neighbours and by its storage, and acts within the same turn; a tick about once a
 * second does what depends on time alone. It neither reads nor writes sockets and files itself.
 */
import { Bitfield } from "../base/bitfield.ts";
import type { InfoHash, PieceIndex } from "../base/ids.ts";
import { randomFraction } from "../base/random.ts";
import { RateMeter } from "../base/rate-meter.ts";
import { blockLength, type Geometry } from "../metainfo/geometry.ts";
import type { Storage } from "../storage/storage.ts";
import { Admission } from "./admission.ts";
import { askForBlocks } from "./ask-for-blocks.ts";
import { Availability } from "./availability.ts";
import { Blame } from "./blame.ts";
import { type ActivePiece, BlockLedger } from "./block-ledger.ts";
import { cancelOthers, cancelPiece } from "./cancel-requests.ts";
import { ChokeLedger } from "./choke-ledger.ts";
import { Choker, type ChokerMode } from "./choker.ts";
import { Choking } from "./choking.ts";
import { countWanted, discount } from "./count-common.ts";
import { grantAllowedFast } from "./grant-allowed-fast.ts";
import { HaveAnnouncer } from "./have-announcer.ts";
import { hurry } from "./hurry.ts";
import { isolate } from "./isolate.ts";
import { listeningAt } from "./listening-at.ts";
import { Neighbour } from "./neighbour.ts";
import type { NeighbourInfo, NeighbourLink, NeighbourOwner } from "./neighbour-owner.ts";
import { PeerList } from "./peer-list.ts";
import { PiecePicker } from "./piece-picker.ts";
import { missingOf, type PiecePriorities } from "./piece-priorities.ts";
import type { OutstandingRequest } from "./request-pipeline.ts";
import { SendBuffers } from "./send-buffers.ts";
import { SuperSeeding } from "./super-seeding.ts";
import type { SwarmHost } from "./swarm-host.ts";
import type { SwarmOptions, SwarmPorts } from "./swarm-options.ts";
import { Turn } from "./turn.ts";

export class Swarm implements NeighbourOwner {
  readonly infoHash: InfoHash;
  readonly geometry: Geometry;
  readonly turn = new Turn();
  readonly storage: Storage;
  readonly sendBuffers: SendBuffers;
  readonly have: Bitfield;
  /** What is wanted and missing. */
  readonly needed: Bitfield;
  readonly availability: Availability;
  readonly ledger: BlockLedger;
  readonly peers: PeerList;
  readonly choker: Choker;
  readonly chokes = new ChokeLedger();
  readonly admission: Admission;
  readonly down = new RateMeter();
  readonly up = new RateMeter();
  readonly #neighbours = new Map<number, Neighbour>();
  readonly #ports: SwarmPorts;
  readonly #host: SwarmHost;
  readonly #mayFetch: () => boolean;
  readonly #picker: PiecePicker;
  readonly #blame: Blame;
  readonly #haves: HaveAnnouncer;
  readonly #choking: Choking;
  #superSeeding: SuperSeeding | undefined;
  #isEndgame = false;
  /** Bytes of this run that are with the storage. */
  #downloaded = 0;

  constructor(ports: SwarmPorts, options: SwarmOptions, storage: Storage, host: SwarmHost) {
    this.#ports = ports;
    this.storage = storage;
    this.#host = host;
    this.#mayFetch = options.mayFetch ?? (() => true);
    this.infoHash = options.infoHash;
    this.geometry = options.geometry;
    this.sendBuffers = options.sendBuffers ?? new SendBuffers(ports.clock);
    this.have = options.have;
    this.availability = new Availability(ports.random, options.geometry.pieceCount);
    this.ledger = new BlockLedger(options.geometry);
    this.#picker = new PiecePicker(this.availability, this.ledger, this.have, (id) => this.#neighbours.has(id));
    this.peers = new PeerList(ports.random, options.rankOf);
    this.admission = new Admission(this.#neighbours, options.neighboursMax, options.rankOf);
    this.#blame = new Blame(this.#neighbours, this.ledger, this.peers, (text) => host.log(text));
    this.choker = new Choker(
      ports.random,
      options.regularSlots ?? 0,
      ports.clock.nowMs() - randomFraction(ports.random),
    );
    this.#choking = new Choking(this, (text) => host.log(text));
    this.#choking.setSlots(options.regularSlots);
    this.#haves = new HaveAnnouncer(ports.clock, this.#neighbours, (piece) => this.availability.of(piece));
    this.needed = new Bitfield(options.geometry.pieceCount);
    this.setPriorities(options.priorities, options.sequence);
    this.setSuperSeeding(options.isSuperSeeding ?? false);
  }

  get neighbours(): ReadonlyMap<number, Neighbour> {
    return this.#neighbours;
  }

  /** All that we want is there: we are a seed or, where some pieces are not wanted, a partial seed (BEP 21). */
  get isFinished(): boolean {
    return this.needed.isEmpty;
  }

  /** While we super-seed. */
  get superSeeding(): SuperSeeding | undefined {
    return this.#superSeeding;
  }

  get chokerMode(): ChokerMode {
    return this.#choking.mode;
  }

  get isCongested(): boolean {
    return this.storage.isCongested || !this.#mayFetch();
  }

  get isFull(): boolean {
    return this.storage.isFull;
  }

  nowMs(): number {
    return this.#ports.clock.nowMs();
  }

  /** Other numbers of upload slots (as in the options) and neighbours from now on. */
  setLimits(regularSlots: number | undefined, neighboursMax: number): void {
    this.#choking.setSlots(regularSlots);
    this.admission.setMax(neighboursMax, this.nowMs());
    this.#choking.settle();
  }

  /**
   * Super-seeding (see super-seeding.ts) from now on, until each piece has two copies without us; a leech does not begin.
   * Neighbours that know already that we have everything are let go of: they are shown less when they come back.
   */
  setSuperSeeding(isOn: boolean): void {
    if (!isOn) this.#endSuperSeeding("it is not wanted any more");
    if (!isOn || this.#superSeeding !== undefined || !this.have.isFull) return;
    for (const neighbour of [...this.#neighbours.values()]) neighbour.close("we begin to super-seed");
    this.#superSeeding = new SuperSeeding(this.#neighbours, this.#ports.random, this.geometry, this.availability);
  }

  /**
   * What we want from now on, also in the middle of a download.
   * @param priorities of the pieces, `undefined`: all are normal. @param sequence the wanted pieces in the order to fetch
   * them in (`pieceSequence`), for sequential mode; `undefined`: the rarest first.
   */
  setPriorities(priorities: PiecePriorities | undefined, sequence: Int32Array | undefined): void {
    const wasFinished = this.isFinished;
    for (const active of this.#picker.setPriorities(priorities, sequence)) {
      cancelPiece(this.#neighbours, this.ledger, active);
    }
    this.needed.copy(missingOf(this.have, priorities));
    for (const neighbour of this.#neighbours.values()) countWanted(neighbour, this.needed);
    this.#isEndgame = false;
    this.#choking.becameStale();
    if (this.isFinished && !wasFinished) this.#finished();
    for (const neighbour of this.#neighbours.values()) this.requestMore(neighbour);
    this.#choking.settle();
  }

  // ── neighbours come and go ─────────────────────────────────────────────────────────────────────────────────────

  addNeighbour(link: NeighbourLink, info: NeighbourInfo, extensionHandshake: Uint8Array | undefined): Neighbour {
    const neighbour = new Neighbour(this, link, info);
    this.#neighbours.set(info.id, neighbour);
    this.availability.joined(neighbour);
    this.#blame.came(neighbour);
    neighbour.greet(extensionHandshake);
    return neighbour;
  }

  /** The connection is gone. */
  removeNeighbour(neighbour: Neighbour): void {
    if (!this.#neighbours.delete(neighbour.id)) return;
    neighbour.voidRequests();
    neighbour.closed();
    this.#blame.left(neighbour);
    this.chokes.left(neighbour.id);
    this.#beginAnew(this.#picker.ownedBy(neighbour.id));
    this.availability.left(neighbour);
    this.#superSeeding?.left(neighbour);
    this.#choking.left(neighbour);
    this.#choking.settle();
  }

  /** Drops everybody: paused, failed or stopping. */
  close(reason: string): void {
    this.#haves.close();
    for (const neighbour of [...this.#neighbours.values()]) neighbour.close(reason);
  }

  // ── what neighbours tell (NeighbourOwner) ──────────────────────────────────────────────────────────────────────

  fieldCame(neighbour: Neighbour, old: Bitfield): void {
    this.availability.fieldSaid(neighbour, old);
    countWanted(neighbour, this.needed);
    if (this.#superSeeding === undefined) grantAllowedFast(neighbour, this, this.#ports.hasher);
    else this.#superSeeding.fieldCame(neighbour, old, this.nowMs());
    this.#dropIfUseless(neighbour);
  }

  pieceCame(neighbour: Neighbour, piece: PieceIndex): void {
    this.availability.gained(neighbour, piece);
    this.#superSeeding?.pieceCame(neighbour, piece, this.nowMs());
    if (neighbour.isSeed) this.#dropIfUseless(neighbour);
    // Where slots pass on from piece to piece, or when the first is there.
    if (this.#superSeeding !== undefined || neighbour.field.count === 1) this.#choking.becameStale();
    if (!this.needed.has(piece)) return;
    neighbour.wantedCount++;
    neighbour.setInterest(true);
  }

  peerInterestChanged(neighbour: Neighbour): void {
    this.#choking.interestChanged(neighbour);
  }

  peerChokeChanged(neighbour: Neighbour): void {
    if (neighbour.peerChoking) this.#beginAnew(this.#picker.ownedBy(neighbour.id));
  }

  blockCame(neighbour: Neighbour, request: OutstandingRequest, data: Uint8Array): void {
    const { active, block, isLate } = request;
    const isAskedOfOthers = (active.requesters[block] ?? 0) > (isLate ? 0 : 1);
    // What was asked for before it became a suspect is not to get into what others work on.
    const isSpoiling = isLate && neighbour.isSuspect && active.owner !== neighbour.id;
    if (isSpoiling || active.isEnded || !this.ledger.receive(active, block, neighbour.id)) {
      this.#host.wasted(data.length);
      return;
    }
    this.#downloaded += data.length;
    if (isAskedOfOthers) cancelOthers(this.#neighbours, this.ledger, neighbour, active, block);
    this.storage.writeBlock(active.piece, block * blockLength, data);
  }

  requestsVoid(neighbour: Neighbour, requests: readonly Pick<OutstandingRequest, "active" | "block">[]): void {
    for (const { active, block } of requests) {
      if (!active.isEnded) this.ledger.release(active, block);
      // Who may not be asked for the rest ("allowed fast" taken back) is not to keep it from others.
      if (neighbour.peerChoking && active.owner === neighbour.id) this.#beginAnew([active]);
    }
  }

  extended(neighbour: Neighbour, extendedId: number, payload: Uint8Array): void {
    this.#host.extended(neighbour, extendedId, payload);
  }

  offeredTo(neighbour: Neighbour): Bitfield {
    return this.#superSeeding?.shownTo(neighbour.id) ?? this.have;
  }

  grantUpload(neighbour: Neighbour, bytes: number): boolean {
    return this.#host.limits.grantUpload(neighbour, bytes);
  }

  uploaded(neighbour: Neighbour, bytes: number): void {
    this.up.add(bytes, this.nowMs());
    this.#choking.sent(neighbour, bytes);
    this.#host.uploaded(bytes);
  }

  wasted(bytes: number): void {
    this.#host.wasted(bytes);
  }

  storageFailed(error: unknown): void {
    this.#host.storageFailed(error);
  }

  runEnded(neighbour: Neighbour, received: number): void {
    if (received > 0) this.down.add(received, this.nowMs());
    const downloaded = this.#downloaded;
    this.#downloaded = 0;
    if (downloaded > 0) this.#host.downloaded(downloaded);
    if (downloaded > 0) this.storage.endOfTurn();
    // Each is held when it comes, so that whoever sends nothing is heard.
    if (this.storage.isFull) neighbour.diskChanged();
    this.requestMore(neighbour);
    this.#choking.settle();
  }

  // ── what the storage tells ─────────────────────────────────────────────────────────────────────────────────────

  pieceChecked(piece: PieceIndex, isRight: boolean): void {
    const active = this.ledger.get(piece);
    if (!isRight) {
      this.#host.wasted(this.geometry.lengthOf(piece));
      this.#picker.pieceFailed(piece);
      if (active !== undefined) this.#beginAnew(isolate(this.#blame.pieceWrong(active), this.ledger));
      return;
    }
    if (active !== undefined) this.#blame.pieceRight(active);
    this.#picker.pieceVerified(piece);
    if (!this.have.set(piece)) return;
    // Of a parked piece the rest may come late: it is ours, though nobody needed it.
    const wasNeeded = this.needed.clear(piece);
    for (const neighbour of this.#neighbours.values()) discount(neighbour, piece, wasNeeded);
    this.#haves.add(piece);
    this.#host.pieceVerified(piece);
    if (wasNeeded && this.isFinished) this.#finished();
  }

  /** The storage takes more again, or for the first time. */
  storageRelieved(): void {
    for (const neighbour of this.#neighbours.values()) {
      neighbour.diskChanged();
      this.requestMore(neighbour);
    }
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** About once a second. */
  tick(): void {
    const now = this.nowMs();
    for (const neighbour of this.#neighbours.values()) {
      if (now <= neighbour.restsUntilMs) continue;
      neighbour.tick(now);
      const { isSnubbed } = neighbour;
      if (neighbour.pipeline.tick(now)) this.#snubbed(neighbour, !isSnubbed);
    }
    if (this.#superSeeding?.tick(now) === true) {
      this.#endSuperSeeding("each piece has two copies without us");
      this.#host.superSeeded();
    }
    this.#choking.tick(now);
    this.availability.tick();
    this.#beginAnew(this.#picker.tick());
    hurry(this.#picker, this.ledger, this.#neighbours, this.#host.limits, now);
    for (const neighbour of this.#neighbours.values()) {
      if (now <= neighbour.restsUntilMs) continue;
      this.requestMore(neighbour);
      neighbour.seeTime();
      neighbour.time.sample(neighbour, now);
      neighbour.rest();
    }
    this.#choking.settle();
    this.#host.wantPeers();
  }

  /** Fills the neighbour's request window. */
  requestMore(neighbour: Neighbour): void {
    if (!neighbour.amInterested || this.isCongested || neighbour.isClosed) return;
    if (neighbour.peerChoking && neighbour.allowedToUs.size === 0) {
      this.#host.limits.requestsUnused(neighbour);
      return;
    }
    const hasAsked = askForBlocks(neighbour, this.#picker, this.#host.limits, this.nowMs());
    if (hasAsked && !this.#isEndgame && this.#picker.isEndgame) {
      this.#isEndgame = true;
      this.#host.log("endgame: every missing block is asked for");
    }
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #beginAnew(pieces: readonly ActivePiece[]): void {
    for (const active of pieces) {
      cancelPiece(this.#neighbours, this.ledger, active);
      this.storage.dropPiece(active.piece);
      this.#host.wasted(active.receivedCount * blockLength);
      this.#picker.pieceDropped(active.piece);
    }
  }

  #dropIfUseless(neighbour: Neighbour): void {
    if (!this.isFinished || !neighbour.isSeed) return;
    const known = this.peers.at(listeningAt(neighbour));
    if (known !== undefined) known.isSeed = true;
    neighbour.close(this.have.isFull ? "both of us have everything" : "we want nothing more, and it has everything");
  }

  #finished(): void {
    this.#haves.flush();
    this.#choking.becameStale();
    for (const neighbour of [...this.#neighbours.values()]) this.#dropIfUseless(neighbour);
    this.#host.completed();
  }

  #endSuperSeeding(reason: string): void {
    const ended = this.#superSeeding;
    if (ended === undefined) return;
    this.#superSeeding = undefined;
    this.#host.log(`super-seeding is over: ${reason}`);
    ended.end();
    this.#choking.becameStale();
  }

  #snubbed(neighbour: Neighbour, isNew: boolean): void {
    if (isNew) this.#host.log(`${neighbour.name} snubs us`);
    neighbour.voidRequests();
    this.#beginAnew(this.#picker.ownedBy(neighbour.id));
    // Not those that have not answered either: they would only take the blocks from those that do.
    for (const other of this.#neighbours.values()) if (!other.isSnubbed) this.requestMore(other);
  }
}
