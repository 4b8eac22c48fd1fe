import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../../source/bencode/encode.ts";
import type { Message } from "../../../source/discovery/dht/krpc.ts";
import { decodeMessage } from "../../../source/discovery/dht/krpc-decode.ts";
import { encodeAnswer, encodeError, encodeQuery } from "../../../source/discovery/dht/krpc-encode.ts";
import { type NodeId, nodeIdFrom } from "../../../source/discovery/dht/node-id.ts";
import { anyAnswer, anyEndpoint, anyId, anyQuery, anyTransaction } from "./any-message.ts";

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const idOf = (text: string) => nodeIdFrom(ascii(text)) as NodeId;
const decodeText = (text: string): Message | undefined => decodeMessage(ascii(text));

describe("the examples of BEP 5", () => {
  const t = ascii("aa");
  it("are read", () => {
    const from = { kind: "query", transaction: t, id: idOf("abcdefghij0123456789"), isReadOnly: false };
    expect(decodeText("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")).toEqual({
      ...from,
      query: { method: "ping" },
    });
    expect(
      decodeText("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"),
    ).toEqual({ ...from, query: { method: "find_node", target: idOf("mnopqrstuvwxyz123456"), want: undefined } });
    expect(
      decodeText("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe"),
    ).toMatchObject({ ...from, query: { method: "get_peers", infoHash: idOf("mnopqrstuvwxyz123456") } });
    expect(
      decodeText(
        "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe",
      ),
    ).toMatchObject({ query: { method: "announce_peer", isPortImplied: true, port: 6881, token: ascii("aoeusnth") } });
    expect(
      decodeText("d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"),
    ).toMatchObject({
      kind: "answer",
      answer: {
        token: ascii("aoeusnth"),
        peers: [
          { address: "97.120.106.101", port: 0x2e75 },
          { address: "105.100.104.116", port: 0x6e6d },
        ],
      },
    });
    expect(decodeText("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee")).toEqual({
      kind: "error",
      transaction: t,
      code: 201,
      text: "A Generic Error Ocurred",
    });
  });

  it("are what is written, but for our version", () => {
    const written = encodeQuery(t, idOf("abcdefghij0123456789"), { method: "ping" }, false);
    expect(String.fromCharCode(...written)).toBe(
      "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v4:P2\0\x011:y1:qe",
    );
    const answered = encodeAnswer(t, idOf("mnopqrstuvwxyz123456"), {}, undefined);
    expect(String.fromCharCode(...answered)).toBe("d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re");
    expect(String.fromCharCode(...encodeError(t, 203))).toBe("d1:eli203e14:Protocol Errore1:t2:aa1:y1:ee");
  });
});

describe("the flag of BEP 43", () => {
  it("is written and read as it stands there", () => {
    const bytes = encodeQuery(ascii("aa"), idOf("abcdefghij0123456789"), { method: "ping" }, true);
    expect(String.fromCharCode(...bytes)).toContain("2:roi1e");
    expect(decodeMessage(bytes)).toMatchObject({ isReadOnly: true });
  });
});

describe("KRPC", () => {
  it("reads every query as it was written, canonically", () => {
    fc.assert(
      fc.property(anyTransaction, anyId, anyQuery, fc.boolean(), (transaction, id, query, isReadOnly) => {
        const bytes = encodeQuery(transaction, id, query, isReadOnly);
        fc.pre(bytes.length <= 1500);
        expect(decodeMessage(bytes)).toEqual({ kind: "query", transaction, id, query, isReadOnly });
      }),
    );
  });

  it("reads every answer as it was written", () => {
    fc.assert(
      fc.property(anyTransaction, anyId, anyAnswer, anyEndpoint(4), (transaction, id, answer, seenAs) => {
        const bytes = encodeAnswer(transaction, id, answer, seenAs);
        fc.pre(bytes.length <= 1500);
        expect(decodeMessage(bytes)).toEqual({ kind: "answer", transaction, id, answer, seenAs });
      }),
    );
  });

  const query = (more: object, args: object = {}) =>
    decodeMessage(encode({ t: "aa", y: "q", q: "get_peers", a: { id: "x".repeat(20), ...args }, ...more }));

  it("is silent about what is no message", () => {
    for (const t of ["", "x".repeat(21), 7, ["aa"]]) expect(query({ t })).toBeUndefined();
    for (const y of ["", "x", 7]) expect(query({ y })).toBeUndefined();
    expect(query({ q: 7 })).toBeUndefined();
    expect(decodeText("le")).toBeUndefined();
    expect(decodeText("d1:y1:qe")).toBeUndefined();
    expect(decodeMessage(encode({ t: "aa", y: "r" }))).toBeUndefined();
    expect(decodeMessage(encode({ t: "aa", y: "r", r: { id: "x".repeat(19) } }))).toBeUndefined();
    for (const e of ["no", [], ["201", "x"], { code: 201 }]) {
      expect(decodeMessage(encode({ t: "aa", y: "e", e }))).toBeUndefined();
    }
  });

  it("says what is wrong with a query that is one", () => {
    const code = (message: Message | undefined) => (message?.kind === "bad-query" ? message.code : message);
    expect(code(query({ a: 7 }))).toBe(203);
    expect(code(query({ a: { id: "short" } }))).toBe(203);
    expect(code(query({}))).toBe(203); // no info hash
    expect(code(query({ q: "vote" }))).toBe(204);
    const announce = { info_hash: "h".repeat(20), token: "t" };
    expect(code(query({ q: "announce_peer" }, announce))).toBe(203);
    for (const port of [0, -1, 65_536]) expect(code(query({ q: "announce_peer" }, { ...announce, port }))).toBe(203);
    expect(code(query({ q: "announce_peer" }, { ...announce, port: 1, token: "t".repeat(65) }))).toBe(203);
    const put = { token: "t", v: "x" };
    expect(code(query({ q: "put" }, { ...put, v: "x".repeat(997) }))).toBe(205);
    expect(code(query({ q: "put" }, { ...put, k: "k".repeat(32) }))).toBe(203);
    const signed = { ...put, k: "k".repeat(32), sig: "s".repeat(64), seq: 1 };
    expect(code(query({ q: "put" }, { ...signed, salt: "s".repeat(65) }))).toBe(207);
    expect(code(query({ q: "put" }, { ...signed, seq: -1 }))).toBe(203);
    expect(code(query({ q: "put" }, { ...signed, cas: "1" }))).toBe(203);
    expect(query({ q: "put" }, signed)).toMatchObject({ kind: "query" });
  });

  const answer = (r: object) => decodeMessage(encode({ t: "aa", y: "r", r: { id: "x".repeat(20), ...r } }));

  it("takes no answer whose parts are not what they must be", () => {
    expect(answer({})).toMatchObject({ kind: "answer" });
    expect(answer({ nodes: "x".repeat(25) })).toBeUndefined();
    expect(answer({ nodes: 7 })).toBeUndefined();
    expect(answer({ nodes6: "x".repeat(26) })).toBeUndefined();
    expect(answer({ values: "x" })).toBeUndefined();
    expect(answer({ values: ["short"] })).toBeUndefined();
    expect(answer({ values: [7] })).toBeUndefined();
    expect(answer({ token: "x".repeat(65) })).toBeUndefined();
  });

  it("never takes more from an answer than is of use", () => {
    const read = answer({ nodes: "x".repeat(26 * 50), BFsd: "x", BFpe: "x", v: "x".repeat(40), k: "x" });
    expect(read?.kind === "answer" && read.answer.nodes4?.length).toBe(32);
    expect(read).not.toHaveProperty("answer.seedFilter");
    expect(read).not.toHaveProperty("answer.publicKey");
  });

  it("leaves out nodes that nobody can send to, and IPv4 in the clothes of IPv6", () => {
    const mapped = new Uint8Array(38);
    mapped.set([0xff, 0xff, 1, 2, 3, 4, 0, 80], 30);
    expect(answer({ nodes: new Uint8Array(26), nodes6: mapped })).toMatchObject({ answer: { nodes4: [], nodes6: [] } });
  });

  it("reads peers of both families from one list (BEP 32)", () => {
    const read = answer({ values: [Uint8Array.of(1, 2, 3, 4, 0, 80), Uint8Array.from({ length: 18 }, () => 0x20)] });
    expect(read?.kind === "answer" && read.answer.peers?.map(({ address }) => address)).toEqual([
      "1.2.3.4",
      "2020:2020:2020:2020:2020:2020:2020:2020",
    ]);
  });

  it("reads want lists with anything in them", () => {
    const args = { info_hash: "h".repeat(20), want: ["n6", "n9", 7, ["n4"]] };
    expect(query({}, args)).toMatchObject({ query: { want: { nodes4: false, nodes6: true } } });
  });
});
