/** Magnet links to and from the clients the world runs: the metadata comes from a neighbour (BEP 9), then the content. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeClient, rivalNames } from "../support/clients/make-client.ts";
import { Namespace, namespaceProblem } from "../support/clients/namespace.ts";
import { buildProblem } from "../support/clients/program.ts";
import { startTracker, trackerPlace, untilAnnounced } from "../support/clients/trackers.ts";
import { differences, folder, writePayload } from "../support/payload.ts";
import { libtorrentProblem, missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(
  missingPrograms("transmission-daemon", "aria2c", "rtorrent", "ip", "nsenter", "unshare"),
  libtorrentProblem(),
  namespaceProblem(),
  buildProblem(),
);

describe.skipIf(reason !== "")(`magnet links ${reason}`, () => {
  let namespace: Namespace;
  beforeEach(async () => {
    namespace = await Namespace.open();
  });
  afterEach(async () => {
    const left = namespace.commands();
    await namespace.close();
    expect(left, "programs still running").toEqual([]);
  });

  for (const rival of rivalNames) {
    for (const [seedName, leechName] of [
      [rival, "p2p-tui"],
      ["p2p-tui", rival],
    ] as const) {
      test(`${leechName} gets the torrent of a link, and its content, from ${seedName}`, async () => {
        const payload = writePayload(
          namespace.folder("content"),
          folder("linked", 3_000_003),
          `${seedName}${leechName}`,
        );
        const place = trackerPlace(namespace);
        const torrentPath = join(namespace.folder("torrent"), "test.torrent");
        // Small pieces: the metadata is more than one message long.
        const plan = { payload, out: torrentPath, pieceLength: 16_384, tracker: place.url };
        const infoHash = makeTorrent("p2p-tui", plan);
        const tracker = await startTracker("p2p-tui", namespace, place, [infoHash]);
        const seed = makeClient(seedName, { namespace, role: "seed", torrentPath, directory: payload.parent });
        seed.start();
        await seed.untilSeeding();
        await untilAnnounced(namespace, place, infoHash, (counts) => counts.seeds === 1);
        const link = `magnet:?xt=urn:btih:${infoHash}&dn=linked&tr=${encodeURIComponent(place.url)}`;
        const directory = namespace.folder("download");
        const leech = makeClient(leechName, { namespace, role: "leech", torrentPath: link, directory });
        leech.start();
        await leech.untilComplete();
        await Promise.all([seed.stop(), leech.stop()]);
        await tracker.process.stop();
        // Transmission 3.00 leaves empty files out.
        expect(differences(payload, directory, { emptyFilesMayMiss: leechName === "transmission" })).toEqual([]);
      });
    }
  }
});
