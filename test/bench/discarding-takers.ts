/**
 * Many leeches in one process that throw away what they take: node discarding-takers.ts PORT TORRENT CONNECTIONS WINDOW. Each
 * comes from an address of its own, asks for WINDOW blocks ahead and goes round all pieces, each from another one on. Told
 * anything by its parent, it answers with the bytes of blocks that have come so far.
 */
import { readFileSync } from "node:fs";
import net from "node:net";
import { peerIdFromBytes } from "../../source/base/ids.ts";
import { Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { WireDecoder, type WireHandler } from "../../source/wire/decoder.ts";
import { encodeHandshake, handshakeLength } from "../../source/wire/handshake.ts";
import { encodeBare, messageId, requestMessageLength, writeRequest } from "../../source/wire/messages.ts";

const [port = 0, torrentPath = "", connections = 1, window = 1] = [
  Number(process.argv[2]),
  process.argv[3],
  Number(process.argv[4]),
  Number(process.argv[5]),
];
const metainfo = parseMetainfo(readFileSync(torrentPath), new NodeHasher());
const { infoHash } = metainfo;
const geometry = new Geometry(metainfo.pieceLength, metainfo.totalLength);
const receiveBuffer = new Uint8Array(256 * 1024);
let takenBytes = 0;

class Taker implements WireHandler {
  readonly #socket: net.Socket;
  readonly #decoder = new WireDecoder(this, Math.ceil(geometry.pieceCount / 8));
  #early = handshakeLength;
  #isChoked = true;
  #owed = 0;
  #piece: number;
  #block = 0;

  constructor(index: number) {
    this.#piece = Math.floor((index * geometry.pieceCount) / connections);
    this.#socket = net.connect({
      host: "127.0.0.1",
      port,
      localAddress: `127.${1 + Math.floor(index / 250)}.${1 + (index % 250)}.1`,
      onread: {
        buffer: receiveBuffer,
        callback: (length, buffer) => {
          this.#took(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => {
      console.error(`taker ${index}: ${error.message}`);
      process.exit(1);
    });
    const peerId = peerIdFromBytes(Uint8Array.from({ length: 20 }, (_, i) => (i < 2 ? index >> (8 * i) : 7)));
    this.#socket.write(encodeHandshake({ infoHash, peerId, hasExtensions: false, hasFast: true, hasDht: false }));
    this.#socket.write(encodeBare(messageId.interested));
  }

  onUnchoke(): void {
    this.#isChoked = false;
  }

  onChoke(): void {
    this.#isChoked = true;
    this.#owed = 0;
  }

  onPiece(_index: number, _begin: number, data: Uint8Array): void {
    takenBytes += data.length;
    this.#owed--;
  }

  onRunEnd(): void {
    // Many at once, as a client does that looks at its window now and then.
    const wanted = this.#isChoked || this.#owed > window * 0.75 ? 0 : window - this.#owed;
    if (wanted === 0) return;
    const requests = new Uint8Array(wanted * requestMessageLength);
    for (let i = 0; i < wanted; i++) {
      const piece = geometry.piece(this.#piece);
      const length = geometry.blockLengthOf(piece, this.#block);
      writeRequest(requests, i * requestMessageLength, messageId.request, piece, this.#block * 16384, length);
      if (++this.#block < geometry.blockCountOf(piece)) continue;
      this.#block = 0;
      this.#piece = (this.#piece + 1) % geometry.pieceCount;
    }
    this.#owed += wanted;
    this.#socket.write(requests);
  }

  onKeepAlive(): void {}
  onInterested(): void {}
  onNotInterested(): void {}
  onHave(): void {}
  onBitfield(): void {}
  onRequest(): void {}
  onCancel(): void {}
  onSuggestPiece(): void {}
  onHaveAll(): void {}
  onHaveNone(): void {}
  onReject(): void {}
  onAllowedFast(): void {}
  onExtended(): void {}

  #took(bytes: Uint8Array): void {
    const skipped = Math.min(this.#early, bytes.length);
    this.#early -= skipped;
    if (skipped < bytes.length) this.#decoder.feed(bytes.subarray(skipped));
  }
}

for (let index = 0; index < connections; index++) new Taker(index);
process.on("message", () => process.send?.({ takenBytes, ms: performance.now() }));
process.on("disconnect", () => process.exit());
