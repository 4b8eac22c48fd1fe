/** What the tracker learns of us over a life: started, completed, stopped; over IPv4 and IPv6. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Libtorrent } from "../support/clients/libtorrent.ts";
import { Namespace, namespaceProblem } from "../support/clients/namespace.ts";
import { P2pTui } from "../support/clients/p2p-tui.ts";
import { buildProblem } from "../support/clients/program.ts";
import {
  scrape,
  startTracker,
  type TrackerName,
  type TrackerScheme,
  trackerPlace,
  untilAnnounced,
} from "../support/clients/trackers.ts";
import { differences, folder, singleFile, writePayload } from "../support/payload.ts";
import { libtorrentProblem, missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(
  missingPrograms("opentracker", "ip", "nsenter", "unshare"),
  libtorrentProblem(),
  namespaceProblem(),
  buildProblem(),
);

describe.skipIf(reason !== "")(`announces ${reason}`, () => {
  let namespace: Namespace;
  beforeEach(async () => {
    namespace = await Namespace.open();
  });
  afterEach(async () => {
    const left = namespace.commands();
    await namespace.close();
    expect(left, "programs still running").toEqual([]);
  });

  for (const [name, scheme] of [
    ["opentracker", "http"],
    ["opentracker", "udp"],
    ["p2p-tui", "http"],
    ["p2p-tui", "udp"],
  ] satisfies [TrackerName, TrackerScheme][]) {
    test(`${name} counts our leech, its completion and its leaving, over ${scheme.toUpperCase()}`, async () => {
      const payload = writePayload(namespace.folder("content"), singleFile("announced.bin", 1_000_003), "announced");
      const place = trackerPlace(namespace, namespace.address(), scheme);
      const torrentPath = join(namespace.folder("torrent"), "test.torrent");
      const plan = { payload, out: torrentPath, pieceLength: 32_768, tracker: place.url };
      const infoHash = makeTorrent("p2p-tui", plan);
      const tracker = await startTracker(name, namespace, place, [infoHash]);
      const leech = new P2pTui({ namespace, role: "leech", torrentPath, directory: namespace.folder("download") });
      leech.start();
      await untilAnnounced(namespace, place, infoHash, (counts) => counts.leeches === 1 && counts.seeds === 0);
      // It waits for its next announce, so the seed that comes now has to find it.
      const seed = new P2pTui({ namespace, role: "seed", torrentPath, directory: payload.parent });
      seed.start();
      await leech.untilComplete();
      await untilAnnounced(namespace, place, infoHash, (counts) => counts.seeds === 2 && counts.completed === 1);
      expect(await seed.stop(), seed.logTail).toBe(0);
      await untilAnnounced(namespace, place, infoHash, (counts) => counts.seeds === 1);
      expect(await leech.stop(), leech.logTail).toBe(0);
      await untilAnnounced(namespace, place, infoHash, (counts) => counts.seeds === 0 && counts.leeches === 0);
      expect((await scrape(namespace, place, infoHash)).completed).toBe(1);
      expect(differences(payload, leech.options.directory)).toEqual([]);
      await tracker.process.stop();
    });
  }

  for (const [direction, scheme] of [
    ["from libtorrent to us", "http"],
    ["from us to libtorrent", "http"],
    ["from libtorrent to us", "udp"],
    ["from us to libtorrent", "udp"],
  ] as const) {
    test(`content goes ${direction} over IPv6 alone, through our tracker by ${scheme.toUpperCase()}`, async () => {
      const payload = writePayload(namespace.folder("content"), folder("six", 2_000_003), direction);
      const place = trackerPlace(namespace, "fd00::1", scheme);
      const torrentPath = join(namespace.folder("torrent"), "test.torrent");
      const plan = { payload, out: torrentPath, pieceLength: 65_536, tracker: place.url };
      const infoHash = makeTorrent("p2p-tui", plan);
      const tracker = await startTracker("p2p-tui", namespace, place, [infoHash]);
      const [Seed, Leech] = direction === "from us to libtorrent" ? [P2pTui, Libtorrent] : [Libtorrent, P2pTui];
      const shared = { namespace, torrentPath };
      const seed = new Seed({ ...shared, role: "seed", directory: payload.parent, address: "fd00::2" });
      seed.start();
      await seed.untilSeeding();
      await untilAnnounced(namespace, place, infoHash, (counts) => counts.seeds === 1);
      const directory = namespace.folder("download");
      const leech = new Leech({ ...shared, role: "leech", directory, address: "fd00::3" });
      leech.start();
      await leech.untilComplete();
      await Promise.all([seed.stop(), leech.stop()]);
      await tracker.process.stop();
      expect(differences(payload, directory)).toEqual([]);
    });
  }
});
