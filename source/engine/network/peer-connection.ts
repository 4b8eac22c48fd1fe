/**
 * One TCP connection on its way to be a neighbour and then in its service: handshake (BEP 3), then bytes ↔ messages,
 * with the download limit applied to reading. Whatever goes wrong ends here, never further up.
 */
import { messageOf, ProtocolError } from "../../base/errors.ts";
import type { InfoHash, PeerId } from "../../base/ids.ts";
import type { Endpoint } from "../../base/ip-address.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Connection, ConnectionHandler, Network } from "../../ports/network.ts";
import type { NeighbourInfo, NeighbourLink } from "../../swarm/neighbour-owner.ts";
import { WireDecoder, type WireHandler } from "../../wire/decoder.ts";
import {
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  handshakeLength,
  looksLikeHandshake,
} from "../../wire/handshake.ts";
import { encodePort } from "../../wire/messages.ts";
import type { RateLimit } from "../limits/bandwidth.ts";

/** Who hears what a peer says once it has shaken hands: a neighbour, or what asks it for the metadata. */
export interface PeerHandler extends WireHandler {
  /** It may be sent more. */
  readonly serveUploads: () => void;
  /** Whether it is read has changed. */
  seeTime(): void;
}

/** The torrent that a connection belongs to, as the connection sees it; `Handler` is what it makes of its peers. */
export interface PeerTorrent<Handler extends PeerHandler = PeerHandler> {
  readonly infoHash: InfoHash;
  /** BEP 27: the DHT has nothing to do with it. */
  readonly isPrivate: boolean;
  /** Bytes of its bitfield, `undefined` while that is not known. */
  readonly bitfieldLength: number | undefined;
  readonly limits: {
    /** Its own and that of all torrents together. */
    readonly down: RateLimit;
    /** Bytes have come. @returns how many of them are paid, because they were asked for. */
    takePaid(handler: Handler, bytes: number): number;
    /** Whether more would be asked of it if a limit allowed it. */
    isHeldBack(handler: Handler): boolean;
  };
  /** The peer has shaken hands: makes it a neighbour, or throws ProtocolError to refuse it. */
  admit(link: NeighbourLink, info: NeighbourInfo): Handler;
  /** The connection is over. `handler` is undefined if it never became one. */
  ended(peer: PeerConnection, handler: Handler | undefined, reason: string): void;
}

export interface PeerHost {
  readonly clock: Clock;
  readonly peerId: PeerId;
  /** Of all torrents together. */
  readonly downLimit: RateLimit;
  /** The torrent that an incoming handshake asks for, if we have it and it is active; later where it must be woken. */
  torrentOf(infoHash: InfoHash): PeerTorrent | undefined | Promise<PeerTorrent | undefined>;
  /** Our nodes in the DHT (BEP 5). */
  readonly dht: {
    /** Of the one that a peer at this address may ask; 0 where there is none. */
    portFor(address: string): number;
    /** A peer says that it has one there. */
    named(endpoint: Endpoint): void;
  };
  nextNeighbourId(): number;
  peerBecameNeighbour(peer: PeerConnection): void;
  /** An error that is a bug of ours. */
  report(error: unknown): void;
  /** Told once for every connection, whatever became of it. */
  peerEnded(peer: PeerConnection): void;
}

const connectTimeoutMs = 10_000;
/** A block: the least that is worth a read. */
const prepaidBytes = 16 * 1024;
/**
 * What a neighbour may say unasked while the download limit is used up before it is not read for a while: messages are
 * small, and a limit that blocks have used up is not to hold up what is said about them.
 */
const unpaidMax = 64 * 1024;
/** Who sends so much of what it was asked for in one read is read in longer parts next; others could send us more to be answered. */
const muchBytes = 512 * 1024;
/** For connecting and shaking hands together; a slow-loris gets no longer (HOSTILE B7). */
const handshakeTimeoutMs = 20_000;
/** What may come behind a handshake while its torrent is woken: one read, as reading stops meanwhile, and a little. */
const earlyLengthMax = 512 * 1024;

const nothing: Uint8Array = new Uint8Array(0);

export class PeerConnection implements ConnectionHandler, NeighbourLink {
  readonly remote: Endpoint;
  readonly isIncoming: boolean;
  readonly #host: PeerHost;
  readonly #connection: Connection;
  #torrent: PeerTorrent | undefined;
  #neighbour: PeerHandler | undefined;
  #decoder: WireDecoder | undefined;
  #early = nothing;
  #isWaking = false;
  #hasNamedNode = false;
  readonly #deadline: Timer;
  #isClosed = false;
  /** Why it is not read: the download limit, or a flood of requests. */
  #isOverLimit = false;
  #isHeld = false;
  /** Paid to the download limit before reading, so that not all who wait read at once when a little is there. */
  #prepaid = 0;
  /** Read since the limit was last kept, and paid by nobody before. */
  #unpaid = 0;
  readonly #resume = () => {
    this.#isOverLimit = !this.#limit.take(prepaidBytes);
    if (this.#isOverLimit) {
      this.#limit.wait(this.#resume);
      return;
    }
    this.#prepaid = prepaidBytes;
    if (!this.#isHeld) this.#connection.resume();
    this.#neighbour?.seeTime();
  };

  private constructor(
    host: PeerHost,
    torrent: PeerTorrent | undefined,
    open: (self: PeerConnection) => Connection,
    isIncoming: boolean,
  ) {
    this.#host = host;
    this.#torrent = torrent;
    this.isIncoming = isIncoming;
    this.#connection = open(this);
    this.remote = this.#connection.remote;
    this.#deadline = host.clock.after(handshakeTimeoutMs, () => this.close("no handshake came in time"));
  }

  /** A connection that somebody made to us. */
  static accept(host: PeerHost, connection: Connection): PeerConnection {
    return new PeerConnection(host, undefined, () => connection, true);
  }

  static dial(
    host: PeerHost,
    network: Network,
    torrent: PeerTorrent,
    remote: Endpoint,
    localAddress: string | undefined,
  ): PeerConnection {
    const options = { remote, timeoutMs: connectTimeoutMs, ...(localAddress === undefined ? {} : { localAddress }) };
    return new PeerConnection(host, torrent, (self) => network.connect(options, self), false);
  }

  /** Our own address, `undefined` until it is open. */
  get localAddress(): string | undefined {
    return this.#connection.local?.address;
  }

  // ── NeighbourLink ──────────────────────────────────────────────────────────────────────────────────────────────

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  send(buffers: readonly Uint8Array[]): void {
    this.#connection.write(buffers);
  }

  get isReadingPaused(): boolean {
    return this.#isOverLimit || this.#isHeld;
  }

  get isOverLimit(): boolean {
    const isHeldBack = this.#neighbour !== undefined && this.#torrent?.limits.isHeldBack(this.#neighbour) === true;
    return this.#isOverLimit || isHeldBack;
  }

  sentBlocks(bytes: number): void {
    this.#connection.readMuch?.(bytes >= muchBytes);
  }

  setReading(isReading: boolean): void {
    this.#isHeld = !isReading;
    if (this.#isHeld) this.#connection.pause();
    else if (!this.#isOverLimit) this.#connection.resume();
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deadline.cancel();
    this.#decoder?.close();
    this.#limit.forget(this.#resume);
    this.#connection.close();
    this.#torrent?.ended(this, this.#neighbour, reason);
    this.#host.peerEnded(this);
  }

  // ── ConnectionHandler ──────────────────────────────────────────────────────────────────────────────────────────

  onOpen(): void {
    if (this.#torrent !== undefined) this.#sendHandshake(this.#torrent);
  }

  onData(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const unpaid = bytes.length - this.#prepaid - this.#takePaid(bytes.length);
    this.#prepaid = 0;
    try {
      if (this.#decoder === undefined) this.#shakeHands(bytes);
      else this.#decoder.feed(bytes);
    } catch (error) {
      this.#failed(error);
    }
    if (this.#isClosed) return;
    const isLimitKept = this.#limit.spend(unpaid);
    this.#unpaid = isLimitKept ? 0 : this.#unpaid + unpaid;
    if (this.#unpaid > (this.#neighbour === undefined ? 0 : unpaidMax)) {
      this.#unpaid = 0;
      this.#isOverLimit = true;
      this.#connection.pause();
      this.#limit.wait(this.#resume);
      this.#neighbour?.seeTime();
    }
  }

  onDrain(): void {
    this.#neighbour?.serveUploads();
  }

  onClose(error: Error | undefined): void {
    this.close(error === undefined ? "it closed the connection" : messageOf(error));
  }

  #takePaid(bytes: number): number {
    return this.#neighbour === undefined ? 0 : (this.#torrent?.limits.takePaid(this.#neighbour, bytes) ?? 0);
  }

  get #limit(): RateLimit {
    return this.#torrent?.limits.down ?? this.#host.downLimit;
  }

  // ── handshake ──────────────────────────────────────────────────────────────────────────────────────────────────

  #shakeHands(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#early.length + bytes.length);
    all.set(this.#early);
    all.set(bytes, this.#early.length);
    this.#early = all;
    if (all.length > earlyLengthMax) throw new ProtocolError("too-early", "it says too much before we have answered");
    if (this.#isWaking) return;
    if (!looksLikeHandshake(all)) throw new ProtocolError("not-bittorrent", "it does not speak BitTorrent");
    if (all.length < handshakeLength) return;
    const handshake = decodeHandshake(all);
    const torrent = this.#torrent ?? this.#host.torrentOf(handshake.infoHash);
    if (torrent instanceof Promise) this.#waitFor(torrent, handshake);
    else this.#meet(torrent, handshake);
  }

  /** Reads no further until the torrent is there. The deadline of the handshake goes on. */
  #waitFor(torrent: Promise<PeerTorrent | undefined>, handshake: Handshake): void {
    this.#isWaking = true;
    this.setReading(false);
    torrent.then(
      (found) => {
        if (this.#isClosed) return;
        this.#isWaking = false;
        this.#isHeld = false;
        try {
          this.#meet(found, handshake);
        } catch (error) {
          this.#failed(error);
        }
        if (!this.#isClosed && !this.#isHeld && !this.#isOverLimit) this.#connection.resume();
      },
      (error: unknown) => {
        this.#host.report(error);
        this.close(messageOf(error));
      },
    );
  }

  #meet(torrent: PeerTorrent | undefined, handshake: Handshake): void {
    if (torrent === undefined || torrent.infoHash !== handshake.infoHash) {
      throw new ProtocolError("wrong-torrent", "it wants a torrent that we do not have");
    }
    const all = this.#early;
    this.#early = nothing;
    if (this.isIncoming) {
      this.#torrent = torrent;
      this.#sendHandshake(torrent);
    }
    // Not before we have answered: the end of us that dialled then knows, too, and forgets the address (HOSTILE B14).
    if (handshake.peerId === this.#host.peerId) throw new ProtocolError("self", "we reached ourselves");
    const neighbour = torrent.admit(this, {
      id: this.#host.nextNeighbourId(),
      endpoint: this.remote,
      peerId: handshake.peerId,
      isIncoming: this.isIncoming,
      hasFast: handshake.hasFast,
      hasExtensions: handshake.hasExtensions,
    });
    this.#deadline.cancel();
    this.#neighbour = neighbour;
    this.#host.peerBecameNeighbour(this);
    this.#decoder = new WireDecoder(neighbour, torrent.bitfieldLength, (port) => this.#nodeNamed(port));
    const ourPort = handshake.hasDht ? this.#dhtPort(torrent) : 0;
    if (ourPort > 0) this.#connection.write([encodePort(ourPort)]);
    if (all.length > handshakeLength) this.#decoder.feed(all.subarray(handshakeLength));
  }

  /** 0: none that it is to know of. */
  #dhtPort(torrent: PeerTorrent): number {
    return torrent.isPrivate ? 0 : this.#host.dht.portFor(this.remote.address);
  }

  /** Its first word is its last: nobody has more than one. */
  #nodeNamed(port: number): void {
    if (this.#hasNamedNode || port === 0 || this.#torrent?.isPrivate !== false) return;
    this.#hasNamedNode = true;
    this.#host.dht.named({ address: this.remote.address, port });
  }

  /** A bug of ours in handling one neighbour must not end the others: it is reported and the neighbour dropped. */
  #failed(error: unknown): void {
    if (!(error instanceof ProtocolError)) this.#host.report(error);
    this.close(messageOf(error));
  }

  #sendHandshake(torrent: PeerTorrent): void {
    this.#connection.write([
      encodeHandshake({
        infoHash: torrent.infoHash,
        peerId: this.#host.peerId,
        hasExtensions: true,
        hasFast: true,
        hasDht: this.#dhtPort(torrent) > 0,
      }),
    ]);
  }
}
