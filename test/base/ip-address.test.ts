import { BlockList, isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import {
  canonicalAddress,
  compactEndpoint,
  familyOf,
  formatAddress,
  formatEndpoint,
  type Locality,
  localityOf,
  mayName,
  parseAddress,
  parseCompactEndpoints,
  parseHostPort,
  parseIpv4,
  parseIpv6,
} from "../../source/base/ip-address.ts";

const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Many zeros, so that there are runs to be shortened. */
const sparseV6 = fc
  .array(fc.constantFrom(0, 0, 0, 1, 0xff, 0xffff), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])));
const isMapped = (bytes: Uint8Array) =>
  bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;

/** What the platform's URL parser makes of an IPv6 address: RFC 5952, as browsers write it. */
function byUrl(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

describe("an address's text", () => {
  it("comes back as the same bytes", () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6, sparseV6), (bytes) => {
        const text = formatAddress(bytes);
        expect(parseAddress(text)).toEqual(isMapped(bytes) && bytes.length === 16 ? bytes.slice(12) : bytes);
        expect(canonicalAddress(text)).toBe(text);
        expect(familyOf(text)).toBe(isIPv4(text) ? 4 : 6);
      }),
    );
  });

  it("is the shortest, as RFC 5952 wants it", () => {
    fc.assert(
      fc.property(fc.oneof(v6, sparseV6), (bytes) => {
        fc.pre(!isMapped(bytes));
        const long = Array.from({ length: 8 }, (_, i) =>
          Buffer.from(bytes)
            .readUInt16BE(2 * i)
            .toString(16),
        ).join(":");
        expect(formatAddress(bytes)).toBe(byUrl(long));
      }),
    );
    expect(formatAddress(parseIpv6("2001:DB8:0:0:1:0:0:1") ?? new Uint8Array(0))).toBe("2001:db8::1:0:0:1");
    expect(formatAddress(parseIpv6("1:0:2:3:4:5:6:7") ?? new Uint8Array(0))).toBe("1:0:2:3:4:5:6:7");
  });

  it("is one for an IPv4 address and its IPv6 form", () => {
    for (const text of ["::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"]) {
      expect(canonicalAddress(text)).toBe("192.0.2.1");
    }
    expect(canonicalAddress("fe80::1%eth0")).toBe("fe80::1");
  });

  it("is accepted where the platform accepts it, and nowhere else", () => {
    const part = fc.constantFrom(
      ":",
      "::",
      ":",
      "0",
      "1",
      "ffff",
      "12345",
      "g",
      "1.2.3.4",
      "255",
      "256",
      ".",
      "01",
      "%e",
      "-1",
      " ",
      "F",
    );
    const anyText = fc.oneof(
      fc.array(part, { maxLength: 17 }).map((parts) => parts.join("")),
      fc
        .array(fc.constantFrom("0", "a1", "ffff", "", "1.2.3.4"), { minLength: 2, maxLength: 9 })
        .map((parts) => parts.join(":")),
      fc.array(fc.integer({ min: -1, max: 300 }), { minLength: 3, maxLength: 5 }).map((parts) => parts.join(".")),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        expect([text, parseIpv4(text) !== undefined]).toEqual([text, isIPv4(text)]);
        expect([text, parseIpv6(text) !== undefined]).toEqual([text, isIPv6(text) && !text.includes("%")]);
      }),
      { numRuns: 10_000 },
    );
  });

  it("is not taken from texts that only look like one", () => {
    for (const text of [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "01.2.3.4",
      "0x7f.1",
      "1.2.3.4 ",
      "localhost",
      "1".repeat(10_000),
      "::1\n",
      "[::1]",
    ]) {
      expect(parseAddress(text)).toBeUndefined();
    }
  });
});

describe("endpoints", () => {
  it("travel in 6 or 18 bytes", () => {
    const endpoint = fc.record({
      address: fc.oneof(v4, v6).map(formatAddress),
      port: fc.integer({ min: 0, max: 65_535 }),
    });
    fc.assert(
      fc.property(endpoint, (one) => {
        const bytes = compactEndpoint(one);
        expect(bytes.length).toBe(familyOf(one.address) === 4 ? 6 : 18);
        expect(parseCompactEndpoints(bytes, familyOf(one.address), 10)).toEqual([one]);
      }),
    );
    expect(compactEndpoint({ address: "127.0.0.1", port: 6881 })).toEqual(Uint8Array.of(127, 0, 0, 1, 0x1a, 0xe1));
  });

  it("are read from whole entries only, and no more than asked for", () => {
    const bytes = new Uint8Array(6 * 5 + 3).fill(1);
    expect(parseCompactEndpoints(bytes, 4, 100)).toHaveLength(5);
    expect(parseCompactEndpoints(bytes, 4, 2)).toHaveLength(2);
    expect(parseCompactEndpoints(bytes, 6, 100)).toHaveLength(1);
    expect(parseCompactEndpoints(new Uint8Array(5), 4, 100)).toEqual([]);
  });

  it("are written as HOST:PORT and read back", () => {
    expect(formatEndpoint({ address: "127.0.0.1", port: 1 })).toBe("127.0.0.1:1");
    expect(formatEndpoint({ address: "::1", port: 2 })).toBe("[::1]:2");
    expect(parseHostPort("[::1]:2")).toEqual({ host: "::1", port: 2 });
    expect(parseHostPort("tracker.example:65535")).toEqual({ host: "tracker.example", port: 65_535 });
    for (const text of ["", ":1", "a", "a:", "a:0", "a:65536", "a:b", "::1:2", "[::1]", "a:1:2", "a:-1"]) {
      let code = "accepted";
      try {
        parseHostPort(text);
      } catch (error) {
        code = codeOf(error);
      }
      expect([text, code]).toEqual([text, "bad-endpoint"]);
    }
  });
});

describe("how far an address reaches", () => {
  it.each<[Locality, string]>([
    ["loopback", "127.0.0.1"],
    ["loopback", "127.255.255.254"],
    ["loopback", "::1"],
    ["loopback", "::ffff:127.0.0.1"],
    ["private", "10.0.0.1"],
    ["private", "172.16.0.1"],
    ["private", "172.31.255.255"],
    ["private", "192.168.1.1"],
    ["private", "169.254.1.1"],
    ["private", "100.64.0.1"],
    ["private", "100.127.255.255"],
    ["private", "fe80::1"],
    ["private", "febf::1"],
    ["private", "fc00::1"],
    ["private", "fdff::1"],
    ["public", "172.32.0.1"],
    ["public", "172.15.0.1"],
    ["public", "100.63.0.1"],
    ["public", "100.128.0.1"],
    ["public", "192.169.0.1"],
    ["public", "8.8.8.8"],
    ["public", "2001:db8::1"],
    ["public", "fec0::1"],
    ["unusable", "0.0.0.0"],
    ["unusable", "0.1.2.3"],
    ["unusable", "224.0.0.1"],
    ["unusable", "255.255.255.255"],
    ["unusable", "::"],
    ["unusable", "ff02::1"],
    ["unusable", "localhost"],
    ["unusable", ""],
  ])("is %s for %s", (locality, address) => {
    expect(localityOf(address)).toBe(locality);
  });

  it("is public for no IPv4 address of a private network", () => {
    const local = new BlockList();
    for (const [net, bits] of [
      ["10.0.0.0", 8],
      ["127.0.0.0", 8],
      ["172.16.0.0", 12],
      ["192.168.0.0", 16],
      ["169.254.0.0", 16],
      ["100.64.0.0", 10],
      ["0.0.0.0", 8],
      ["224.0.0.0", 3],
    ] as const) {
      local.addSubnet(net, bits);
    }
    fc.assert(
      fc.property(v4, (bytes) => {
        const text = formatAddress(bytes);
        expect(localityOf(text) === "public").toBe(!local.check(text));
      }),
      { numRuns: 3000 },
    );
  });

  it("lets a source name only peers as local as itself", () => {
    const [loopback, lan, internet, multicast] = ["127.0.0.1", "192.168.0.1", "8.8.8.8", "224.0.0.1"];
    expect([loopback, lan, internet, multicast].map((peer) => mayName("127.0.0.2", peer))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([loopback, lan, internet, multicast].map((peer) => mayName("10.0.0.1", peer))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([loopback, lan, internet, multicast].map((peer) => mayName("1.1.1.1", peer))).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});
