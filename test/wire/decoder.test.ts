import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../source/base/errors.ts";
import { blockLengthMax, WireDecoder } from "../../source/wire/decoder.ts";
import {
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeIndices,
  encodeKeepAlive,
  messageId,
} from "../../source/wire/messages.ts";
import { anyMessage, bitfieldLength, encodePiece, feedInReads, joined } from "./any-message.ts";
import { type Call, hexOf, Recorder } from "./recorder.ts";

function header(length: number, id: number): Uint8Array {
  return new Uint8Array([length >>> 24, length >>> 16, length >>> 8, length, id]);
}

function decoded(bytes: Uint8Array, readLengths: Iterable<number> = []): Recorder {
  const recorder = new Recorder();
  feedInReads(new WireDecoder(recorder, bitfieldLength), bytes, readLengths);
  return recorder;
}

function refusal(bytes: Uint8Array, readLengths: Iterable<number> = []): unknown {
  try {
    decoded(bytes, readLengths);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("the decoder", () => {
  it("gives the same messages in order however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 30 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 400 })), { maxLength: 200 }),
        (messages, readLengths) => {
          const recorder = decoded(joined(messages.map((message) => message.bytes)), readLengths);
          expect(recorder.calls).toEqual(
            messages.flatMap((message) => (message.call === undefined ? [] : [message.call])),
          );
          expect(recorder.heldViews).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("gives the same messages one byte at a time", () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), (messages) => {
        const bytes = joined(messages.map((message) => message.bytes));
        const recorder = decoded(bytes, new Array<number>(bytes.length).fill(1));
        expect(recorder.calls).toEqual(
          messages.flatMap((message) => (message.call === undefined ? [] : [message.call])),
        );
        expect(recorder.runs).toBe(bytes.length);
      }),
    );
  });

  it("hands on a whole block as a view of the bytes it was fed, and a cut one as one piece", () => {
    const block = Uint8Array.from({ length: 16384 }, (_, i) => i * 7);
    const bytes = encodePiece(3, 16384, block);
    const recorder = new Recorder();
    const views: Uint8Array[] = [];
    recorder.onPiece = (_index, _begin, data) => views.push(data);
    const decoder = new WireDecoder(recorder, bitfieldLength);
    decoder.feed(bytes);
    expect(views[0]?.buffer).toBe(bytes.buffer);
    decoder.feed(bytes.subarray(0, 9000));
    decoder.feed(bytes.subarray(9000));
    expect(views).toHaveLength(2);
    expect(hexOf(views[1] ?? new Uint8Array())).toBe(hexOf(block));
  });

  it("keeps the views of one read whole until the run ends, the block that was cut at its front too", () => {
    const blocks = [1, 2, 3].map((value) => encodePiece(value, 0, new Uint8Array(16384).fill(value)));
    const tail = encodePiece(4, 0, new Uint8Array(16384).fill(4));
    const bytes = joined([...blocks, tail]);
    // The first read ends inside block 1; the second holds its rest, 2 and 3, and the beginning of 4.
    const recorder = decoded(bytes, [5000, bytes.length - 5000 - 100]);
    expect(recorder.calls.map((call) => call[1])).toEqual([1, 2, 3, 4]);
    expect(recorder.runs).toBe(3);
  });

  it("ends the run after a message it refuses, so that blocks before it are not lost with the buffer", () => {
    const recorder = new Recorder();
    const decoder = new WireDecoder(recorder, bitfieldLength);
    const bytes = joined([encodePiece(0, 0, new Uint8Array(100).fill(9)), header(2, messageId.choke)]);
    expect(() => feedInReads(decoder, bytes, [])).toThrow(ProtocolError);
    expect(recorder.calls.map((call) => call[0])).toEqual(["piece"]);
    expect(recorder.runs).toBe(1);
    expect(recorder.heldViews).toBe(0);
  });

  it("ends the run after a handler that throws, and hands on nothing more", () => {
    const recorder = new Recorder();
    recorder.onCall = (call) => {
      if (call[0] === "choke") throw new ProtocolError("test", "enough");
    };
    const decoder = new WireDecoder(recorder, bitfieldLength);
    const bytes = joined([
      encodePiece(0, 0, new Uint8Array(10)),
      encodeBare(messageId.choke),
      encodeBare(messageId.unchoke),
    ]);
    expect(() => decoder.feed(bytes)).toThrow("enough");
    decoder.feed(encodeBare(messageId.unchoke));
    expect(recorder.calls.map((call) => call[0])).toEqual(["piece", "choke"]);
    expect(recorder.runs).toBe(1);
  });

  it("hands on nothing after close, not even the rest of what is being fed, but ends the run", () => {
    const recorder = new Recorder();
    const decoder = new WireDecoder(recorder, bitfieldLength);
    recorder.onCall = () => decoder.close();
    decoder.feed(joined([encodeBare(messageId.choke), encodeBare(messageId.unchoke), header(9, messageId.have)]));
    decoder.feed(encodeBare(messageId.unchoke));
    expect(recorder.calls).toEqual([["choke"]]);
    expect(recorder.runs).toBe(1);
  });

  it("hands on nothing after close where a message was under way", () => {
    const recorder = new Recorder();
    const decoder = new WireDecoder(recorder, bitfieldLength);
    const have = encodeIndices(messageId.have, [1]);
    decoder.feed(have.subarray(0, 6));
    decoder.close();
    decoder.feed(have.subarray(6));
    expect(recorder.calls).toEqual([]);
  });
});

describe("keep-alives", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("come out right where they are cut after %i bytes and others follow", (cut) => {
    const bytes = joined([encodeKeepAlive(), encodeKeepAlive(), encodeIndices(messageId.have, [7]), encodeKeepAlive()]);
    const expected: Call[] = [["keepAlive"], ["keepAlive"], ["have", 7], ["keepAlive"]];
    expect(decoded(bytes, [cut]).calls).toEqual(expected);
    expect(decoded(bytes, [cut, 1]).calls).toEqual(expected);
    expect(decoded(bytes, [cut, 3]).calls).toEqual(expected);
  });

  it("may end a read exactly, and an empty read changes nothing", () => {
    const recorder = new Recorder();
    const decoder = new WireDecoder(recorder, bitfieldLength);
    for (const part of [[0, 0], [], [0, 0], [], [0, 0, 0, 1], [], [messageId.choke]])
      decoder.feed(new Uint8Array(part));
    expect(recorder.calls).toEqual([["keepAlive"], ["choke"]]);
  });
});

describe("lengths that no message may have", () => {
  const wrong: readonly (readonly [string, number, number])[] = [
    ["choke with a body", 2, messageId.choke],
    ["unchoke with a body", 5, messageId.unchoke],
    ["have without an index", 1, messageId.have],
    ["have with two indices", 9, messageId.have],
    ["a short request", 12, messageId.request],
    ["a long request", 14, messageId.request],
    ["a long cancel", 17, messageId.cancel],
    ["a short reject", 5, messageId.rejectRequest],
    ["a bitfield one byte short", bitfieldLength, messageId.bitfield],
    ["a bitfield one byte long", bitfieldLength + 2, messageId.bitfield],
    ["a bitfield of 4 GiB", 0xffffffff, messageId.bitfield],
    ["a piece without a begin", 8, messageId.piece],
    ["a block above 128 KiB", 9 + blockLengthMax + 1, messageId.piece],
    ["a block of 2 GiB", 0x80000000, messageId.piece],
    ["a long port", 4, messageId.port],
    ["have all with a body", 2, messageId.haveAll],
    ["have none with a body", 2, messageId.haveNone],
    ["allowed fast without an index", 1, messageId.allowedFast],
    ["an extended message without its id", 1, messageId.extended],
    ["an extended message above 1 MiB", 2 + 1024 * 1024, messageId.extended],
    ["an unknown message of 4 GiB", 0xffffffff, 99],
  ];

  it.each(wrong)("%s is refused at its fifth byte", (_name, length, id) => {
    const bytes = header(length, id);
    expect(refusal(bytes)).toMatchObject({ name: "ProtocolError", code: "bad-length" });
    expect(refusal(bytes, [1, 1, 1, 1])).toMatchObject({ name: "ProtocolError", code: "bad-length" });
    expect(refusal(joined([encodeKeepAlive(), bytes]), [6])).toMatchObject({ code: "bad-length" });
    // Not before: the four bytes alone might still become something else.
    expect(refusal(bytes.subarray(0, 4), [2])).toBeUndefined();
  });

  it("those at the limits are taken", () => {
    const largest = encodePiece(0, 0, new Uint8Array(blockLengthMax));
    expect(decoded(largest).calls).toHaveLength(1);
    expect(decoded(largest, [100, 70_000]).calls).toHaveLength(1);
    expect(decoded(encodePiece(1, 2, new Uint8Array(0))).calls).toEqual([["piece", 1, 2, ""]]);
    expect(decoded(encodeExtended(1, new Uint8Array(1024 * 1024 - 1))).calls).toHaveLength(1);
    expect(decoded(encodeBitfield(new Uint8Array(bitfieldLength))).calls).toHaveLength(1);
  });

  it("a claim alone takes no memory: a thousand neighbours promise the most they may", () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 1000 }, () => new WireDecoder(new Recorder(), bitfieldLength));
    decoders.forEach((decoder, i) => {
      const claim = i % 2 === 0 ? header(1024 * 1024, messageId.extended) : header(9 + blockLengthMax, messageId.piece);
      decoder.feed(joined([claim, new Uint8Array(20)]));
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1000 * 1024);
    expect(decoders).toHaveLength(1000);
  });

  it("who is in the middle of nothing keeps no memory, whatever was cut before", () => {
    const recorder = { ...new Recorder(), onPiece: () => {}, onRunEnd: () => {} } as unknown as Recorder;
    const block = encodePiece(1, 2, new Uint8Array(16_384));
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 1000 }, () => new WireDecoder(recorder, bitfieldLength));
    const reads = [block.subarray(0, 5000), block.subarray(5000, 9000), block.subarray(9000)];
    for (const decoder of decoders) for (const read of reads) decoder.feed(read);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1000 * 1024);
    expect(decoders).toHaveLength(1000);
  });
});
