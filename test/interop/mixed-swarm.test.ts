/** Everybody in one swarm with three of ours; and the one large torrent. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rivalNames } from "../support/clients/make-client.ts";
import { Namespace, namespaceProblem } from "../support/clients/namespace.ts";
import { buildProblem } from "../support/clients/program.ts";
import { folder, singleFile } from "../support/payload.ts";
import { libtorrentProblem, missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { runSwarm } from "../support/swarm-run.ts";

const reason = reasonToSkip(
  missingPrograms("transmission-daemon", "aria2c", "rtorrent", "opentracker", "ip", "nsenter", "unshare"),
  libtorrentProblem(),
  namespaceProblem(),
  buildProblem(),
);

describe.skipIf(reason !== "")(`mixed swarms ${reason}`, () => {
  let namespace: Namespace;
  beforeEach(async () => {
    namespace = await Namespace.open();
  });
  afterEach(async () => {
    const left = namespace.commands();
    await namespace.close();
    expect(left, "programs still running").toEqual([]);
  });

  test("a foreign seed fills all four other clients and three of ours through opentracker", async () => {
    await runSwarm(namespace, "mixed-1", {
      tracker: "opentracker",
      maker: "p2p-tui",
      seeds: ["libtorrent"],
      leeches: [...rivalNames, "p2p-tui", "p2p-tui", "p2p-tui"],
      files: folder("mixed folder", 48_000_017),
      pieceLength: 256 * 1024,
      settings: "stock",
    });
  });

  test("one of ours fills all four other clients and two more of ours through our tracker", async () => {
    await runSwarm(namespace, "mixed-2", {
      tracker: "p2p-tui",
      maker: "libtorrent",
      seeds: ["p2p-tui"],
      leeches: [...rivalNames, "p2p-tui", "p2p-tui"],
      files: singleFile("mixed.bin", 48_000_017),
      pieceLength: 64 * 1024,
      settings: "plain",
    });
  });

  test("a foreign seed fills all four other clients and two of ours through opentracker over UDP alone", async () => {
    await runSwarm(namespace, "mixed-udp-1", {
      tracker: "opentracker",
      scheme: "udp",
      maker: "p2p-tui",
      seeds: ["libtorrent"],
      leeches: [...rivalNames, "p2p-tui", "p2p-tui"],
      files: folder("mixed folder", 8_000_017),
      pieceLength: 64 * 1024,
      settings: "plain",
    });
  });

  test("one of ours fills all four other clients and one more of ours through our tracker over UDP alone", async () => {
    await runSwarm(namespace, "mixed-udp-2", {
      tracker: "p2p-tui",
      scheme: "udp",
      maker: "libtorrent",
      seeds: ["p2p-tui"],
      leeches: [...rivalNames, "p2p-tui"],
      files: singleFile("mixed.bin", 8_000_017),
      pieceLength: 64 * 1024,
      settings: "plain",
    });
  });

  test("a super-seed of ours fills all four other clients and one more of ours", async () => {
    await runSwarm(namespace, "mixed-super", {
      tracker: "p2p-tui",
      maker: "libtorrent",
      seeds: ["p2p-tui"],
      seedOptions: ["--super-seed"],
      leeches: [...rivalNames, "p2p-tui"],
      files: singleFile("mixed.bin", 24_000_017),
      pieceLength: 64 * 1024,
      settings: "stock",
    });
  });

  test.each(rivalNames)("a super-seed of ours fills %s alone", async (rival) => {
    await runSwarm(namespace, `super-${rival}`, {
      tracker: "p2p-tui",
      maker: "libtorrent",
      seeds: ["p2p-tui"],
      seedOptions: ["--super-seed"],
      leeches: [rival],
      files: singleFile("mixed.bin", 24_000_017),
      pieceLength: 64 * 1024,
      settings: "stock",
    });
  });

  test("one GiB goes from libtorrent to one of ours and to aria2", async () => {
    await runSwarm(namespace, "large", {
      tracker: "opentracker",
      maker: "p2p-tui",
      seeds: ["libtorrent"],
      leeches: ["p2p-tui", "aria2"],
      files: singleFile("large.bin", 1 << 30),
      pieceLength: 1 << 20,
      settings: "plain",
    });
  });

  test("one GiB goes from one of ours to libtorrent", async () => {
    await runSwarm(namespace, "large-up", {
      tracker: "p2p-tui",
      maker: "p2p-tui",
      seeds: ["p2p-tui"],
      leeches: ["libtorrent"],
      files: folder("large", 1 << 30),
      pieceLength: 1 << 20,
      settings: "plain",
    });
  });
});
