/** Local discovery (BEP 14) with other clients, both ways: on a network of their own, without a tracker that answers. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientName } from "../support/clients/client.ts";
import { makeClient } from "../support/clients/make-client.ts";
import { Namespace, namespaceProblem, vethProblem } from "../support/clients/namespace.ts";
import { buildProblem } from "../support/clients/program.ts";
import { differences, singleFile, writePayload } from "../support/payload.ts";
import { libtorrentProblem, missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(
  missingPrograms("aria2c", "ip", "nsenter", "unshare"),
  libtorrentProblem(),
  namespaceProblem(),
  vethProblem(),
  buildProblem(),
);

const families = { IPv4: ["198.18.1.1", "198.18.1.2"], IPv6: ["fd01::1", "fd01::2"] } as const;

describe.skipIf(reason !== "")(`local discovery ${reason}`, () => {
  let namespace: Namespace;
  beforeEach(async () => {
    namespace = await Namespace.open();
    const ip = (...args: readonly string[]) => namespace.runSync("ip", args);
    ip("link", "add", "lan0", "type", "veth", "peer", "name", "far0");
    for (const end of ["lan0", "far0"]) ip("link", "set", end, "up");
    for (const address of families.IPv4) ip("addr", "add", `${address}/24`, "dev", "lan0");
    for (const address of families.IPv6) ip("addr", "add", `${address}/64`, "dev", "lan0", "nodad");
  });
  afterEach(async () => {
    const left = namespace.commands();
    await namespace.close();
    expect(left, "programs still running").toEqual([]);
  });

  for (const [seedName, leechName, family] of [
    ["p2p-tui", "p2p-tui", "IPv4"],
    ["p2p-tui", "p2p-tui", "IPv6"],
    ["p2p-tui", "libtorrent", "IPv4"],
    ["libtorrent", "p2p-tui", "IPv4"],
    // Transmission 3.00 drops what it hears in its first minute, and its own messages do not come back to its machine.
    ["p2p-tui", "aria2", "IPv4"],
    ["aria2", "p2p-tui", "IPv4"],
  ] satisfies [ClientName, ClientName, keyof typeof families][]) {
    test(`${leechName} finds ${seedName} over ${family}`, async () => {
      const payload = writePayload(namespace.folder("content"), singleFile("near.bin", 1_000_003), "near");
      const torrentPath = join(namespace.folder("torrent"), "test.torrent");
      const tracker = "http://127.0.0.1:9/announce";
      makeTorrent("p2p-tui", { payload, out: torrentPath, pieceLength: 32_768, tracker });
      const [seedAddress, leechAddress] = families[family];
      const shared = { namespace, torrentPath, isLsdOn: true };
      const seed = makeClient(seedName, { ...shared, role: "seed", directory: payload.parent, address: seedAddress });
      const directory = namespace.folder("download");
      const leech = makeClient(leechName, { ...shared, role: "leech", directory, address: leechAddress });
      try {
        seed.start();
        await seed.untilSeeding();
        leech.start();
        await leech.untilComplete();
      } finally {
        await Promise.all([seed.stop(), leech.stop()]);
      }
      expect(differences(payload, directory)).toEqual([]);
    });
  }
});
