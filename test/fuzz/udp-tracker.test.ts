/** Hostile bytes from UDP trackers: whatever comes, nothing is thrown, and what is made of it is within its bounds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InfoHash, infoHashFromBytes, peerIdFromBytes } from "../../source/base/ids.ts";
import { localityOf } from "../../source/base/ip-address.ts";
import { answerPeersMax } from "../../source/discovery/tracker-answer.ts";
import {
  announceRequestLength,
  encodeUdpAnnounce,
  encodeUdpScrape,
  parseConnectAnswer,
  parseUdpAnnounceAnswer,
  parseUdpError,
  parseUdpScrapeAnswer,
  udpAnswerHead,
  udpScrapeHashesMax,
} from "../../source/discovery/udp-tracker-codec.ts";

const runs = { numRuns: 2000 };
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 1000, maxLength: 9000 }));
const twenty = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe("answers of UDP trackers under fuzzing", () => {
  it("are taken within their bounds, or not at all", () => {
    fc.assert(
      fc.property(anyBytes, fc.constantFrom(4 as const, 6 as const), (bytes, family) => {
        expect(udpAnswerHead(bytes) === undefined).toBe(bytes.length < 8);
        expect(parseConnectAnswer(bytes) === undefined).toBe(bytes.length < 16);
        const answer = parseUdpAnnounceAnswer(bytes, family);
        expect(answer === undefined).toBe(bytes.length < 20);
        if (answer === undefined) return;
        expect(answer.intervalMs).toBeGreaterThanOrEqual(60_000);
        expect(answer.intervalMs).toBeLessThanOrEqual(86_400_000);
        expect(answer.peers.length).toBeLessThanOrEqual(
          Math.min(answerPeersMax, (bytes.length - 20) / (family === 4 ? 6 : 18)),
        );
        for (const { address, port } of answer.peers) {
          expect(localityOf(address)).toBeDefined();
          expect(port).toBeGreaterThan(0);
        }
      }),
      runs,
    );
  });

  it("of a scrape are right for all that was asked about, or not taken", () => {
    const hashes = fc.array(twenty.map(infoHashFromBytes), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(anyBytes, hashes, (bytes, infoHashes: InfoHash[]) => {
        const rows = parseUdpScrapeAnswer(bytes, infoHashes);
        const asked = infoHashes.slice(0, udpScrapeHashesMax);
        expect(rows === undefined).toBe(bytes.length < 8 + 12 * asked.length);
        for (const { seeds, leeches, completions } of rows?.values() ?? []) {
          for (const count of [seeds, leeches, completions]) if (count !== null) expect(count).toBeLessThan(2 ** 31);
        }
      }),
      runs,
    );
  });

  it("that are errors become a line of text", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = parseUdpError(bytes);
        expect(text).not.toBe("");
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text).not.toMatch(/\p{Cc}/u);
      }),
      runs,
    );
  });
});

describe("requests to UDP trackers", () => {
  it("hold any counts, ids and URLs", () => {
    const counts = fc.oneof(fc.double(), fc.maxSafeNat(), fc.integer());
    fc.assert(
      fc.property(
        twenty,
        twenty,
        counts,
        fc.integer(),
        fc.string({ maxLength: 2048 }),
        (hash, id, count, key, urlData) => {
          const query = {
            infoHash: infoHashFromBytes(hash),
            peerId: peerIdFromBytes(id),
            port: 65_535,
            uploaded: count,
            downloaded: count,
            left: count,
            numwant: count,
            key,
          };
          const bytes = Buffer.from(encodeUdpAnnounce(2n ** 64n - 1n, 2 ** 32 - 1, query, urlData));
          expect(bytes.subarray(16, 36).equals(hash) && bytes.subarray(36, 56).equals(id)).toBe(true);
          const whole = Number.isSafeInteger(count) && count > 0 ? count : 0;
          for (const at of [56, 64, 72]) expect(bytes.readBigUInt64BE(at)).toBe(BigInt(whole));
          expect(bytes.readUInt32BE(92)).toBe(Math.min(200, whole));
          expect(bytes.length).toBeLessThan(announceRequestLength + 3 * urlData.length + 2 * 30);
          expect(encodeUdpScrape(1n, 1, [query.infoHash]).length).toBe(36);
        },
      ),
      runs,
    );
  });
});
