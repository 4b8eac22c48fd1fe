import { describe, expect, it } from "vitest";
import { decodeDict } from "../../source/bencode/decode.ts";
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
  extensionIds,
} from "../../source/wire/extension-handshake.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const nothing = {
  extensions: {},
  metadataLength: undefined,
  client: "",
  port: undefined,
  requestQueue: undefined,
  isUploadOnly: false,
};

function refused(bytes: Uint8Array): void {
  expect(() => decodeExtensionHandshake(bytes)).toThrow(expect.objectContaining({ name: "ProtocolError" }));
}

describe("our extension handshake", () => {
  it("says who we are, where we listen, what we queue, and where we see the peer", () => {
    const bytes = encodeExtensionHandshake({
      extensions: ["ut_metadata"],
      metadataLength: 31_235,
      client: "p2p-tui 1.2.3",
      port: 6881,
      requestQueue: 512,
      isUploadOnly: true,
      yourAddress: "192.0.2.7",
    });
    const dict = decodeDict(bytes);
    expect(dict.keys).toEqual([...dict.keys].sort());
    expect(dict.text("v")).toBe("p2p-tui 1.2.3");
    expect(dict.integer("p")).toBe(6881);
    expect(dict.integer("reqq")).toBe(512);
    expect(dict.integer("upload_only")).toBe(1);
    expect([...(dict.bytes("yourip") ?? [])]).toEqual([192, 0, 2, 7]);
    expect(dict.dict("m")?.integer("ut_metadata")).toBe(extensionIds.ut_metadata);
    expect(dict.integer("metadata_size")).toBe(31_235);
    expect(decodeExtensionHandshake(bytes)).toEqual({
      extensions: { ut_metadata: extensionIds.ut_metadata },
      metadataLength: 31_235,
      client: "p2p-tui 1.2.3",
      port: 6881,
      requestQueue: 512,
      isUploadOnly: true,
      ourAddress: "192.0.2.7",
    });
  });

  it("leaves out what is not so, and gives an IPv6 address 16 bytes", () => {
    const dict = decodeDict(
      encodeExtensionHandshake({
        client: "p2p-tui",
        port: undefined,
        requestQueue: 1,
        isUploadOnly: undefined,
        yourAddress: "2001:db8::1",
      }),
    );
    expect(dict.has("p")).toBe(false);
    expect(dict.has("upload_only")).toBe(false);
    expect(dict.bytes("yourip")).toHaveLength(16);
  });

  it("takes back that we only upload", () => {
    const more = { client: "p2p-tui", port: undefined, requestQueue: 1, yourAddress: "192.0.2.7" };
    expect(decodeDict(encodeExtensionHandshake({ ...more, isUploadOnly: false })).integer("upload_only")).toBe(0);
  });
});

describe("a peer's extension handshake", () => {
  it("may say nothing at all", () => {
    expect(decodeExtensionHandshake(bytesOf("de"))).toEqual(nothing);
  });

  it("may be followed by other bytes, and hold extensions we do not know", () => {
    expect(decodeExtensionHandshake(bytesOf("d1:md6:ut_pexi-1e11:ut_metadatai256e4:nonei7eee"))).toEqual(nothing);
    expect(decodeExtensionHandshake(bytesOf("d1:md11:ut_metadatai3ee4:reqqi250eexyz"))).toEqual({
      ...nothing,
      extensions: { ut_metadata: 3 },
      requestQueue: 250,
    });
  });

  it("may switch an extension off (BEP 10)", () => {
    expect(decodeExtensionHandshake(bytesOf("d1:md6:ut_pexi0eee")).extensions).toEqual({ ut_pex: 0 });
  });

  it.each([
    ["a port of a wrong type", "d1:p4:6881e"],
    ["port 0", "d1:pi0ee"],
    ["a port above 65535", "d1:pi65536ee"],
    ["a negative port", "d1:pi-1ee"],
    ["a queue of 0", "d4:reqqi0ee"],
    ["a negative queue", "d4:reqqi-5ee"],
    ["a queue beyond exact integers", "d4:reqqi99999999999999999999ee"],
    ["a list for a client", "d1:vl1:aee"],
    ["a dictionary that is an integer", "d1:mi5ee"],
  ])("with %s is taken without it", (_name, text) => {
    expect(decodeExtensionHandshake(bytesOf(text))).toEqual(nothing);
  });

  it("has a client name of at most 40 characters, without control characters and escape sequences", () => {
    const hostile = `\x1b[2J\x07${"x".repeat(1000)}`;
    const { client } = decodeExtensionHandshake(bytesOf(`d1:v${hostile.length}:${hostile}e`));
    expect(client).not.toMatch(/[\x00-\x1f\x7f]/);
    expect(client).toHaveLength(40);
    expect(client.startsWith("[2Jxxx")).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["a list", "le"],
    ["an integer", "i1e"],
    ["a cut dictionary", "d1:v"],
    ["a string longer than what is there", "d1:v999999999:xe"],
    ["a key twice", "d1:pi1e1:pi2ee"],
    ["lists nested a thousand deep", `d1:v${"l".repeat(1000)}${"e".repeat(1000)}e`],
    ["twenty thousand extensions", `d1:md${Array.from({ length: 20000 }, (_, i) => `5:${10000 + i}i1e`).join("")}ee`],
    ["a client name of 100,000 bytes", `d1:v100000:${"v".repeat(100_000)}e`],
  ])("that is %s is refused", (_name, text) => {
    refused(bytesOf(text));
  });
});
