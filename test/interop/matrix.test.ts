/**
 * Each client both ways with us, in a pairwise sample of trackers, layouts, piece lengths, totals, settings and torrent
 * makers: any two values of any two of these meet at least once.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientName } from "../support/clients/client.ts";
import { rivalNames } from "../support/clients/make-client.ts";
import { Namespace, namespaceProblem } from "../support/clients/namespace.ts";
import { buildProblem } from "../support/clients/program.ts";
import { pairwise } from "../support/pairwise.ts";
import { folder, singleFile } from "../support/payload.ts";
import { libtorrentProblem, missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { runSwarm } from "../support/swarm-run.ts";

const reason = reasonToSkip(
  missingPrograms("transmission-daemon", "aria2c", "rtorrent", "opentracker", "mktorrent", "ip", "nsenter", "unshare"),
  libtorrentProblem(),
  namespaceProblem(),
  buildProblem(),
);

const kib = 1024;

/** What is odd about each total is told by its name; the block is 16 KiB. */
const totals: Readonly<Record<string, (pieceLength: number) => number>> = {
  "one byte": () => 1,
  "one whole piece": (pieceLength) => pieceLength,
  "three pieces and a byte": (pieceLength) => 3 * pieceLength + 1,
  "five pieces less a byte": (pieceLength) => 5 * pieceLength - 1,
  "24 MB, odd last block": () => 24_000_011,
};

const cases = pairwise({
  pairing: rivalNames.flatMap((name) => [`${name} seeds`, `${name} leeches`]),
  pieceLength: [16 * kib, 64 * kib, 256 * kib, 1024 * kib, 4096 * kib],
  total: Object.keys(totals),
  tracker: ["opentracker", "p2p-tui"],
  layout: ["single file", "folder"],
  settings: ["plain", "stock"],
  maker: ["p2p-tui", "libtorrent", "mktorrent"],
});

describe.skipIf(reason !== "").concurrent(`one seed and one leech, of which one is ours ${reason}`, () => {
  let namespace: Namespace;
  beforeAll(async () => {
    namespace = await Namespace.open();
  });
  afterAll(async () => {
    const left = namespace.commands();
    await namespace.close();
    expect(left, "programs still running").toEqual([]);
  });

  for (const [i, one] of cases.entries()) {
    const { pairing, pieceLength, total, tracker, layout, settings } = one;
    const [rival = "", role] = pairing.split(" ");
    const seed = (role === "seeds" ? rival : "p2p-tui") as ClientName;
    const leech = (role === "seeds" ? "p2p-tui" : rival) as ClientName;
    // mktorrent makes no pieces under 32 KiB.
    const maker = one.maker === "mktorrent" && pieceLength < 32 * kib ? "libtorrent" : one.maker;
    const details = `${layout}, ${total}, ${pieceLength / kib} KiB pieces, ${settings}, ${tracker}, made by ${maker}`;
    const length = totals[total]?.(pieceLength) ?? 0;
    test(`${seed} to ${leech}: ${details}`, async () => {
      const name = layout === "folder" ? `folder ${i}` : `file-${i}.bin`;
      const files = layout === "folder" ? folder(name, length) : singleFile(name, length);
      await runSwarm(namespace, name, {
        tracker,
        maker,
        seeds: [seed],
        leeches: [leech],
        files,
        pieceLength,
        settings,
      });
    });
  }
});
