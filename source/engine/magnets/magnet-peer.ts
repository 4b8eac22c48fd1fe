/**
 * A peer that is asked for the metadata of a torrent of which nothing else is known (BEP 9). It says nothing but that we have
 * nothing, asks for nothing else, and does not listen to what it has: for that the torrent must be known first.
 */
import { ProtocolError } from "../../base/errors.ts";
import type { MetadataDownload, MetadataSource } from "../../swarm/metadata-download.ts";
import { NeighbourExtensions } from "../../swarm/neighbour-extensions.ts";
import type { NeighbourInfo, NeighbourLink } from "../../swarm/neighbour-owner.ts";
import { Strikes } from "../../swarm/strikes.ts";
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
  extensionIds,
  type OurExtensionHandshake,
} from "../../wire/extension-handshake.ts";
import { encodeBare, encodeExtended, encodeKeepAlive, messageId } from "../../wire/messages.ts";
import {
  decodeMetadataMessage,
  encodeMetadataReject,
  encodeMetadataRequest,
  metadataLengthMax,
} from "../../wire/ut-metadata.ts";
import type { PeerHandler } from "../network/peer-connection.ts";

/** Who has said by then that it has no metadata, or nothing, makes room for others. */
const uselessMs = 30_000;
const keepAliveMs = 100_000;
/** Requests for what we do not have ourselves, before it goes. */
const rejectsMax = 100;

export interface MagnetPeerOwner {
  readonly download: MetadataDownload;
  nowMs(): number;
  /** Metadata has come from somebody: perhaps all is here. */
  came(): void;
  /** It says who else is there. @throws ProtocolError for what is no such message, and for a flood. */
  named(peer: MagnetPeer, payload: Uint8Array): void;
  /** It lied about the metadata. */
  convicted(peer: MagnetPeer): void;
}

export class MagnetPeer implements PeerHandler, MetadataSource {
  readonly info: NeighbourInfo;
  /** Bytes of the metadata as it claims, 0 while it has not. */
  length = 0;
  readonly extensions: NeighbourExtensions;
  readonly serveUploads = () => {};
  readonly connectedMs: number;
  readonly #owner: MagnetPeerOwner;
  readonly #link: NeighbourLink;
  readonly #strikes = new Strikes();
  #sentMs: number;
  #rejects = 0;

  constructor(owner: MagnetPeerOwner, link: NeighbourLink, info: NeighbourInfo, greeting: OurExtensionHandshake) {
    this.#owner = owner;
    this.#link = link;
    this.info = info;
    this.connectedMs = owner.nowMs();
    this.#sentMs = this.connectedMs;
    this.extensions = new NeighbourExtensions((message) => this.#post(message));
    if (info.hasFast) this.#post(encodeBare(messageId.haveNone));
    if (info.hasExtensions) this.#post(encodeExtended(0, encodeExtensionHandshake(greeting)));
  }

  get id(): number {
    return this.info.id;
  }

  seeTime(): void {}

  /** About once a second. */
  tick(nowMs: number): void {
    if (this.length === 0 && nowMs - this.connectedMs >= uselessMs) this.close("it does not have the metadata");
    else if (nowMs - this.#sentMs >= keepAliveMs) this.#post(encodeKeepAlive());
  }

  close(reason: string): void {
    this.#link.close(reason);
  }

  // ── MetadataSource ─────────────────────────────────────────────────────────────────────────────────────────────

  request(piece: number): void {
    this.extensions.send("ut_metadata", encodeMetadataRequest(piece));
  }

  convict(): void {
    this.#owner.convicted(this);
  }

  // ── what it says ───────────────────────────────────────────────────────────────────────────────────────────────

  onExtended(extendedId: number, payload: Uint8Array): void {
    const { download } = this.#owner;
    const nowMs = this.#owner.nowMs();
    if (extendedId === 0) {
      const handshake = decodeExtensionHandshake(payload);
      this.extensions.introduced(handshake);
      const { metadataLength = 0 } = handshake;
      if (this.length > 0 || !this.extensions.speaks("ut_metadata") || metadataLength < 1) return;
      if (metadataLength > metadataLengthMax) throw new ProtocolError("bad-metadata", "its metadata is too long");
      this.length = metadataLength;
      download.join(this, nowMs);
      return;
    }
    if (extendedId === extensionIds.ut_pex) this.#owner.named(this, payload);
    if (extendedId !== extensionIds.ut_metadata) return;
    const message = decodeMetadataMessage(payload);
    switch (message?.kind) {
      case "data":
        if (!download.came(this.id, message.piece, message.totalLength, message.data, nowMs)) {
          this.#strikes.add("it keeps sending metadata nobody asked for");
        }
        this.#owner.came();
        break;
      case "reject":
        download.rejected(this.id, message.piece, nowMs);
        break;
      case "request":
        if (++this.#rejects > rejectsMax) throw new ProtocolError("flood", "it asks for the metadata for ever");
        this.extensions.send("ut_metadata", encodeMetadataReject(message.piece));
        break;
      default:
    }
  }

  // Nothing of this can be understood before the torrent is known.
  onKeepAlive(): void {}
  onChoke(): void {}
  onUnchoke(): void {}
  onInterested(): void {}
  onNotInterested(): void {}
  onHave(): void {}
  onBitfield(): void {}
  onRequest(): void {}
  onPiece(): void {
    this.#strikes.add("it sends blocks though nothing was asked for");
  }
  onCancel(): void {}
  onSuggestPiece(): void {}
  onHaveAll(): void {}
  onHaveNone(): void {}
  onReject(): void {}
  onAllowedFast(): void {}
  onRunEnd(): void {}

  #post(message: Uint8Array): void {
    this.#sentMs = this.#owner.nowMs();
    this.#link.send([message]);
  }
}
