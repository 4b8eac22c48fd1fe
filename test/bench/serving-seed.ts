/**
 * A seed that costs next to nothing: node serving-seed.ts TORRENT PAYLOAD [HOST]. All blocks lie in memory with their headers, and what
 * is asked for in order is sent with one write. It tells its parent the port it listens on; told anything, it answers with the bytes of
 * blocks that it has sent so far, and when it sent the first and the last (milliseconds since 1970, with fractions).
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import net from "node:net";
import { peerIdFromBytes } from "../../source/base/ids.ts";
import { blockLength, Geometry } from "../../source/metainfo/geometry.ts";
import { parseMetainfo } from "../../source/metainfo/parse-metainfo.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { WireDecoder, type WireHandler } from "../../source/wire/decoder.ts";
import { encodeHandshake, handshakeLength } from "../../source/wire/handshake.ts";
import { encodeBare, messageId, pieceHeaderLength, writePieceHeader } from "../../source/wire/messages.ts";

const [torrentPath = "", payloadPath = "", host = "127.0.0.1"] = process.argv.slice(2);
const { infoHash, pieceLength, totalLength } = parseMetainfo(readFileSync(torrentPath), new NodeHasher());
const geometry = new Geometry(pieceLength, totalLength);
const stride = pieceHeaderLength + blockLength;
const blockCount = Math.ceil(totalLength / blockLength);
const blocks = new Uint8Array(totalLength + blockCount * pieceHeaderLength);
const payload = openSync(payloadPath, "r");
for (let block = 0; block < blockCount; block++) {
  const offset = block * blockLength;
  const length = Math.min(blockLength, totalLength - offset);
  writePieceHeader(blocks, block * stride, Math.floor(offset / pieceLength), offset % pieceLength, length);
  readSync(payload, blocks, block * stride + pieceHeaderLength, length, offset);
}
closeSync(payload);
const sent = { bytes: 0, firstMs: 0, lastMs: 0 };

class Server implements WireHandler {
  readonly #socket: net.Socket;
  readonly #decoder = new WireDecoder(this, Math.ceil(geometry.pieceCount / 8));
  #early = handshakeLength;
  /** Of the blocks that are asked for and not sent yet, which follow one another. */
  #from = 0;
  #to = 0;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    const peerId = peerIdFromBytes(new Uint8Array(20).fill(9));
    socket.write(encodeHandshake({ infoHash, peerId, hasExtensions: false, hasFast: true, hasDht: false }));
    socket.write(encodeBare(messageId.haveAll));
    socket.write(encodeBare(messageId.unchoke));
    socket.on("error", () => {});
    socket.on("data", (bytes: Uint8Array) => {
      const skipped = Math.min(this.#early, bytes.length);
      this.#early -= skipped;
      if (skipped < bytes.length) this.#decoder.feed(bytes.subarray(skipped));
    });
  }

  onRequest(index: number, begin: number): void {
    const block = (index * pieceLength + begin) / blockLength;
    if (block !== this.#to || this.#from === this.#to) {
      this.onRunEnd();
      this.#from = block;
    }
    this.#to = block + 1;
  }

  onRunEnd(): void {
    if (this.#from === this.#to) return;
    const run = blocks.subarray(this.#from * stride, Math.min(this.#to * stride, blocks.length));
    sent.bytes += run.length - (this.#to - this.#from) * pieceHeaderLength;
    sent.lastMs = performance.timeOrigin + performance.now();
    if (sent.firstMs === 0) sent.firstMs = sent.lastMs;
    this.#from = this.#to;
    this.#socket.write(run);
  }

  onKeepAlive(): void {}
  onChoke(): void {}
  onUnchoke(): void {}
  onInterested(): void {}
  onNotInterested(): void {}
  onHave(): void {}
  onBitfield(): void {}
  onPiece(): void {}
  onCancel(): void {}
  onSuggestPiece(): void {}
  onHaveAll(): void {}
  onHaveNone(): void {}
  onReject(): void {}
  onAllowedFast(): void {}
  onExtended(): void {}
}

const server = net.createServer({ noDelay: true }, (socket) => new Server(socket));
server.listen(0, host, () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("message", () => process.send?.({ ...sent, ms: performance.now() }));
process.on("disconnect", () => process.exit());
