import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf } from "../../../source/base/errors.ts";
import { cidrRange, cidrText } from "../../../source/base/ip-cidr.ts";
import { type IpRanges, IpRangesBuilder } from "../../../source/base/ip-ranges.ts";
import { inSlices } from "../../../source/engine/network/in-slices.ts";
import { readFilterFile } from "../../../source/engine/network/ip-filter-file.ts";
import { readFilterLine } from "../../../source/engine/network/ip-filter-line.ts";
import { NodeClock } from "../../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { NodeGunzip } from "../../../source/platform/node-gunzip.ts";

const ports = { files: new NodeFileSystem(), gunzip: new NodeGunzip() };
const clock = new NodeClock();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "p2p-tui-filter-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function written(bytes: string | Uint8Array): string {
  const path = join(folder, "list");
  writeFileSync(path, bytes);
  return path;
}

async function read(bytes: string | Uint8Array) {
  const builder = new IpRangesBuilder();
  const report = await readFilterFile(ports, written(bytes), builder, 2_000_000);
  return { report, set: await inSlices(clock, builder.build()) };
}

async function setOf(line: string): Promise<{ kind: string; set: IpRanges }> {
  const builder = new IpRangesBuilder();
  const kind = readFilterLine(line, builder);
  return { kind, set: await inSlices(clock, builder.build()) };
}

describe("a line of an IP filter", () => {
  it.each([
    ["001.002.003.000 - 001.002.003.255 , 100 , Some Company", "1.2.3.0", "1.2.3.255", "1.2.4.0"],
    ["001.002.003.010-001.002.003.019,000,x - y", "1.2.3.10", "1.2.3.19", "1.2.3.8"],
    ["1.2.3.4 - 1.2.3.5", "1.2.3.4", "1.2.3.5", "1.2.3.6"],
    ["Some: text, with - everything:1.2.3.4-1.2.3.255", "1.2.3.4", "1.2.3.255", "1.2.3.3"],
    [":1.2.3.4-1.2.3.255", "1.2.3.4", "1.2.3.255", "1.2.3.3"],
    ["1.2.3.0/24", "1.2.3.0", "1.2.3.255", "1.2.2.255"],
    ["1.2.3.77/24 ; SBL1", "1.2.3.0", "1.2.3.255", "1.2.2.255"],
    ["010.020.030.040 # one", "10.20.30.40", "10.20.30.40", "8.16.24.32"],
    ["2001:db8::/32", "2001:db8::", "2001:db8:ffff::1", "2001:db9::"],
    ["2001:db8::5", "2001:db8::5", "2001:db8::5", "2001:db8::6"],
    ["Somebody:2001:db8::-2001:db8::ff", "2001:db8::", "2001:db8::ff", "2001:db8::100"],
    ["cafe:2001:db8::-2001:db8::ff", "2001:db8::", "2001:db8::ff", "db8::1"],
    ["2001:db8::-2001:db8::ff", "2001:db8::", "2001:db8::ff", "db8::1"],
    ["2001:db8:: - 2001:db8::ff , 5 , x", "2001:db8::", "2001:db8::ff", "2001:db8::100"],
  ])("%s", async (line, first, last, outside) => {
    const { kind, set } = await setOf(line);
    expect(kind).toBe("range");
    expect([set.has(first), set.has(last), set.has(outside)]).toEqual([true, true, false]);
  });

  it.each(["", "  ", "# 1.2.3.4", "; x", "// y", "1.2.3.4 - 1.2.3.5 , 128 , let in", "::1 - ::2 , 200 , let in"])(
    "blocks nobody: %s",
    async (line) => {
      const { kind, set } = await setOf(line);
      expect([kind, set.count]).toEqual(["nothing", 0]);
    },
  );

  it.each([
    "hello",
    "1.2.3",
    "1.2.3.400",
    "1.2.3.5 - 1.2.3.4 , 0 , x",
    "x:1.2.3.4",
    "1.2.3.4/33",
    "a-b",
    "x:::1-1::2::3",
  ])("is not understood: %s", async (line) => {
    const { kind, set } = await setOf(line);
    expect([kind, set.count]).toEqual(["bad", 0]);
  });

  it("is read whatever it says, and never throws", () => {
    const piece = fc.constantFrom(
      "1.2.3.4",
      "300.1.1.1",
      "::1",
      "2001:db8::",
      "-",
      " - ",
      ":",
      ",",
      "/",
      "24",
      "x",
      "127",
    );
    const line = fc.oneof(
      fc.string({ maxLength: 100 }),
      fc.array(piece, { maxLength: 12 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(line, (text) => {
        expect(["range", "nothing", "bad"]).toContain(readFilterLine(text, new IpRangesBuilder()));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("an IP filter file", () => {
  it("may have every kind of line and of line end, and counts what it cannot read", async () => {
    const { report, set } = await read("nonsense\r\n1.1.1.1\r2.2.2.2\rmore\n\r\n3.3.3.3/32\nmore\r\n4.4.4.4");
    expect(report).toEqual({ rangeCount: 4, badCount: 3, firstBadLine: 1 });
    expect(set.count).toBe(4);
    const marked = await read(Buffer.from("\uFEFF1.1.1.1\r\n2.2.2.2\rnonsense\n"));
    expect(marked.report).toEqual({ rangeCount: 2, badCount: 1, firstBadLine: 3 });
  });

  it("is read gzipped, whatever it is called, and through a link", async () => {
    const path = written(gzipSync("1.2.3.0/24\n"));
    symlinkSync(path, join(folder, "link.dat"));
    const builder = new IpRangesBuilder();
    expect(await readFilterFile(ports, join(folder, "link.dat"), builder, 2_000_000)).toMatchObject({ rangeCount: 1 });
  });

  it("is refused where it is none, damaged, missing or without end", async () => {
    await expect(read("<html>\n<body>\n")).rejects.toMatchObject({ code: "no-filter" });
    await expect(read(gzipSync("1.2.3.4\n".repeat(1000)).subarray(0, 30))).rejects.toMatchObject({ code: "bad-gzip" });
    await expect(read(Buffer.concat([Buffer.of(0x1f, 0x8b), Buffer.alloc(500, 7)]))).rejects.toMatchObject({
      code: "bad-gzip",
    });
    const missing = readFilterFile(ports, join(folder, "none"), new IpRangesBuilder(), 2_000_000);
    await expect(missing).rejects.toMatchObject({ code: "ENOENT" });
    await expect(readFilterFile(ports, folder, new IpRangesBuilder(), 2_000_000)).rejects.toMatchObject({
      code: "EISDIR",
    });
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024, 0x41), { level: 1 });
    await expect(read(bomb)).rejects.toMatchObject({ code: "too-large" });
  });

  it("of any bytes is read, or refused with a reason", async () => {
    const zipped = fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(gzipSync(bytes)));
    const torn = fc.tuple(zipped, fc.nat(400)).map(([bytes, length]) => bytes.slice(0, length));
    const text = fc.string({
      unit: fc.constantFrom("1.2.3.4", "\n", "\r", "-", ":", "::", ",", "/8", "x", "\0", "\u00ff"),
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      zipped,
      torn,
      text.map((each) => Buffer.from(each)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        try {
          const { report, set } = await read(given);
          expect(set.count).toBeLessThanOrEqual(report.rangeCount);
        } catch (error) {
          expect(["no-filter", "bad-gzip"]).toContain(codeOf(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is cut into the same lines wherever a read ends", async () => {
    const text = "1.2.3.4\r\n\r2.3.4.5\n\n\rx\r\r\n";
    const whole = await read(text);
    for (let at = 0; at < text.length; at++) {
      const linesBefore = 64 * 1024 - at;
      const { report } = await read(`${"\n".repeat(linesBefore)}${text}`);
      expect(report).toEqual({ ...whole.report, firstBadLine: whole.report.firstBadLine + linesBefore });
    }
  });

  it("of half a million ranges is read without holding up others", async () => {
    let text = "";
    for (let i = 0; i < 500_000; i++) {
      const address = `${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
      text += `Organisation ${i}:${address}.0-${address}.127\n`;
    }
    const path = written(gzipSync(text, { level: 1 }));
    text = "";
    let turns = 0;
    const beat = setInterval(() => turns++, 1);
    const builder = new IpRangesBuilder();
    await readFilterFile(ports, path, builder, 2_000_000);
    const set = await inSlices(clock, builder.build());
    clearInterval(beat);
    expect(turns).toBeGreaterThan(10);
    expect(set.count).toBe(500_000);
  });
});

describe("CIDR notation", () => {
  const canonical = (text: string) => {
    const range = cidrRange(text);
    return range === undefined ? undefined : cidrText(range);
  };

  it("has one text for one network", () => {
    const texts = [
      "10.1.2.3/8",
      "10.0.0.7",
      "10.0.0.7/32",
      "2001:DB8::1/32",
      "::ffff:10.1.2.3/104",
      "0.0.0.0/0",
      "::/0",
    ];
    expect(texts.map(canonical)).toEqual([
      "10.0.0.0/8",
      "10.0.0.7",
      "10.0.0.7",
      "2001:db8::/32",
      "10.0.0.0/8",
      "0.0.0.0/0",
      "::/0",
    ]);
    for (const text of ["", "10.0.0.7/", "10.0.0.7/33", "10.0.0/8", "x", "::1/129", "1.2.3.4/8/8", "::ffff:1.2.3.4/95"])
      expect(cidrRange(text), text).toBeUndefined();
  });
});
