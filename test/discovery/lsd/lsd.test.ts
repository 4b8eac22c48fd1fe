import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { infoHashFromBytes, infoHashFromHex } from "../../../source/base/ids.ts";
import { SeededRandom } from "../../../source/base/random.ts";
import { decodeLsd, encodeLsd, lsdGroups, lsdHashesMax } from "../../../source/discovery/lsd/lsd-codec.ts";
import { LsdEar } from "../../../source/discovery/lsd/lsd-ear.ts";
import { LsdSchedule } from "../../../source/discovery/lsd/lsd-schedule.ts";

const hash = (i: number) => infoHashFromHex(i.toString(16).padStart(40, "0"));
const bytes = (text: string) => new TextEncoder().encode(text);
const minute = 60_000;

describe("a message of local discovery (BEP 14)", () => {
  test("is written as the BEP has it", () => {
    const message = { port: 6881, infoHashes: [hash(1)], cookie: "c" };
    expect(new TextDecoder().decode(encodeLsd(lsdGroups[4], message))).toBe(
      "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n" +
        `Infohash: ${"1".padStart(40, "0")}\r\ncookie: c\r\n\r\n\r\n`,
    );
    expect(new TextDecoder().decode(encodeLsd(lsdGroups[6], message))).toContain(
      "\r\nHost: [ff15::efc0:988f]:6771\r\n",
    );
  });

  test("of as many torrents as it may have fits into 1,400 bytes, and says them all", () => {
    const infoHashes = Array.from({ length: lsdHashesMax + 5 }, (_, i) => hash(i));
    const encoded = encodeLsd(lsdGroups[6], { port: 65_535, infoHashes, cookie: `p2p-tui-${"f".repeat(16)}` });
    expect(encoded.length).toBeLessThanOrEqual(1400);
    expect(decodeLsd(encoded)?.infoHashes).toEqual(infoHashes.slice(0, lsdHashesMax));
  });

  test.each([
    [
      "Transmission's",
      "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: HASH\r\ncookie: x\r\n\r\n\r\n",
    ],
    [
      "libtorrent's",
      "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: HASH\r\ncookie: deadbeef\r\n\r\n\r\n",
    ],
    ["aria2's", "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: HASH\r\n\r\n\r\n"],
    ["one in odd letters, with more lines", "BT-SEARCH * HTTP/1.0\nPORT:51413 \nX-New: 1\ninfoHash:  HASH\n\n"],
  ])("is read: %s", (_name, text) => {
    expect(decodeLsd(bytes(text.replace("HASH", "AB".repeat(20))))).toMatchObject({
      port: 51_413,
      infoHashes: ["ab".repeat(20)],
    });
  });

  test.each([
    ["another request", "M-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: HASH\r\n\r\n"],
    ["no port", "BT-SEARCH * HTTP/1.1\r\nInfohash: HASH\r\n\r\n"],
    ["port 0", "BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: HASH\r\n\r\n"],
    ["port 65536", "BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: HASH\r\n\r\n"],
    ["no torrent", "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n"],
    ["a short hash", "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: abcd\r\n\r\n"],
    ["too much", `BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: HASH\r\nX: ${"x".repeat(2000)}\r\n\r\n`],
  ])("is not taken with %s", (_name, text) => {
    expect(decodeLsd(bytes(text.replace("HASH", "ab".repeat(20))))).toBeUndefined();
  });

  test("of any bytes breaks nothing and stays within bounds", () => {
    const line = fc.oneof(
      fc.constantFrom("Port: 5", `Infohash: ${"a".repeat(40)}`, "cookie: ", ":", "\u0000", "Port: -1", "Infohash:"),
      fc.string({ maxLength: 60 }),
    );
    const almost = fc
      .array(line, { maxLength: 40 })
      .map((lines) => bytes(["BT-SEARCH * HTTP/1.1", ...lines].join("\r\n")));
    fc.assert(
      fc.property(fc.oneof(almost, fc.uint8Array({ maxLength: 3000 })), (message) => {
        const decoded = decodeLsd(message);
        if (decoded === undefined) return;
        expect(decoded.infoHashes.length).toBeLessThanOrEqual(64);
        expect(decoded.cookie.length).toBeLessThanOrEqual(100);
        expect(decoded.port).toBeGreaterThan(0);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("when torrents are said", () => {
  const schedule = () => new LsdSchedule(new SeededRandom(1));
  const many = (count: number, isSeed = true) =>
    Array.from({ length: count }, (_, i) => ({ infoHash: hash(i), isSeed }));

  test("few each have a message of their own, every five minutes", () => {
    const one = schedule();
    const times: number[] = [];
    for (let now = 0; now < 30 * minute; now += 5000) {
      const messages = one.messages(many(3), now);
      for (const message of messages) expect(message).toHaveLength(1);
      if (messages.length > 0) times.push(now / minute);
    }
    expect(times.length).toBeGreaterThanOrEqual(6);
    expect(times.length).toBeLessThanOrEqual(3 * 7);
    expect(times[0]).toBe(0);
  });

  test("thousands are said one message a minute, all in their turn, downloads first", () => {
    const one = schedule();
    const subjects = [...many(2000), { infoHash: hash(5000), isSeed: false }];
    let count = 0;
    const said = new Set<string>();
    for (let now = 0; now < 100 * minute; now += 5000) {
      for (const message of one.messages(subjects, now)) {
        if (count === 0) expect(message[0]).toBe(hash(5000));
        expect(message.length).toBeLessThanOrEqual(lsdHashesMax);
        count++;
        for (const infoHash of message) said.add(infoHash);
      }
    }
    expect(count).toBeLessThanOrEqual(100 + 5);
    expect(said.size).toBe(2001);
  });

  test("one that somebody looks for is said out of turn, once a minute at most", () => {
    const one = schedule();
    one.messages(many(1), 0);
    one.hurry(hash(0), 30_000);
    expect(one.messages(many(1), 30_000)).toEqual([]);
    one.hurry(hash(0), 70_000);
    one.hurry(hash(77), 70_000);
    expect(one.messages(many(1), 70_000)).toEqual([[hash(0)]]);
  });

  test("whatever is looked for, no more than one message a minute goes out", () => {
    const one = schedule();
    let count = 0;
    for (let now = 0; now < 60 * minute; now += 5000) {
      for (let i = 0; i < 50; i++) one.hurry(hash(i), now);
      count += one.messages(many(50), now).length;
    }
    expect(count).toBeLessThanOrEqual(60 + 5);
  });

  test("after the network has changed all are due", () => {
    const one = schedule();
    one.messages(many(2), 0);
    one.again();
    expect(one.messages(many(2), 5000)).toHaveLength(2);
  });
});

describe("what is believed of what is heard (HOSTILE C10)", () => {
  const say = (port: number, cookie = "theirs", infoHashes = [hash(1)]) =>
    encodeLsd(lsdGroups[4], { port, infoHashes, cookie });
  const from = (address: string) => ({ address, port: 6771 });
  const ear = () => new LsdEar("ours", () => ["203.0.113.9", "2001:db8:1:2::9"]);

  test("who is on a local network is heard, at the address he comes from", () => {
    for (const address of ["192.168.1.5", "10.0.0.1", "fd00::5", "203.0.113.77", "2001:db8:1:2::5", "127.0.0.1"]) {
      expect(ear().heard(say(6881), from(address), 0)).toEqual({
        peer: { address, port: 6881 },
        infoHashes: [hash(1)],
      });
    }
  });

  test("nobody from elsewhere is, nor we ourselves, nor who could not be dialled", () => {
    for (const address of ["198.51.100.1", "203.0.114.77", "2001:db8:1:3::5", "224.0.0.1", "fe80::1"]) {
      expect(ear().heard(say(6881), from(address), 0)).toBeUndefined();
    }
    expect(ear().heard(say(6881, "ours"), from("192.168.1.5"), 0)).toBeUndefined();
  });

  test("one address has few clients, however many it claims", () => {
    const one = ear();
    const heard = Array.from({ length: 50 }, (_, i) =>
      one.heard(say(1000 + i), from("192.168.1.5"), (i * minute) / 10),
    );
    expect(heard.filter((each) => each !== undefined)).toHaveLength(8);
    expect(one.heard(say(1000), from("192.168.1.5"), 5 * minute)).toBeDefined();
    expect(one.heard(say(5000), from("192.168.1.5"), 11 * minute)).toBeDefined();
  });

  test("a flood is heard in part, from one address and from many, and costs no more memory for that", () => {
    const one = ear();
    let heard = 0;
    for (let i = 0; i < 20_000; i++) if (one.heard(say(6881), from("192.168.1.5"), 0) !== undefined) heard++;
    expect(heard).toBe(60);
    heard = 0;
    for (let i = 0; i < 20_000; i++) {
      if (one.heard(say(6881), from(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`), 0) !== undefined) heard++;
    }
    expect(heard).toBeLessThanOrEqual(500);
    expect(one.heard(say(6881), from("192.168.7.7"), 11 * minute)).toBeDefined();
  });

  test("any bytes from anybody", () => {
    const one = ear();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (message, nowMs) => {
        one.heard(message, from("192.168.1.5"), nowMs);
      }),
    );
    expect(infoHashFromBytes(new Uint8Array(20))).toBe("0".repeat(40));
  });
});
