/** Peer exchange (BEP 11) with libtorrent, both ways: nobody has a tracker, and each is told of one peer only. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { Session } from "../../source/engine/session.ts";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { LocalLibtorrent } from "../support/clients/libtorrent.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { freePort, realPorts } from "../support/real-ports.ts";
import { libtorrentProblem, reasonToSkip } from "../support/requirements.ts";
import { sessionOptions } from "../support/session-parts.ts";

const reason = reasonToSkip(libtorrentProblem());
const ports = realPorts();
/** Slow enough that everybody is still a leech when the first messages come, a minute after the start. */
const seedLimit = 30_000;
const pexTimeoutMs = 150_000;

test.skipIf(reason !== "")(`libtorrent and we tell one another of peers ${reason}`, async () => {
  const home = mkdtempSync(join(tmpdir(), "p2p-pex-"));
  mkdirSync(join(home, "seed"));
  writeFileSync(join(home, "seed", "slow.bin"), randomBytes(20_000_000));
  const path = join(home, "seed", "slow.bin");
  const metainfo = await createMetainfo(ports, { path, trackers: [], pieceLength: 65_536, createdBy: "test" });
  const torrentPath = join(home, "slow.torrent");
  writeFileSync(torrentPath, metainfo);
  const [seedPort, otherPort, lastPort] = [await freePort(), await freePort(), await freePort()];
  const run = (name: string, port: number, dialled: string): LocalLibtorrent => {
    mkdirSync(join(home, name), { recursive: true });
    return new LocalLibtorrent(torrentPath, join(home, name), "127.0.0.1", `${port}`, "plain", dialled, `${seedLimit}`);
  };
  const session = new Session(
    ports,
    sessionOptions({
      localAddress: "127.0.0.1",
      profile: join(home, "profile"),
      maxUpRate: seedLimit,
      makeStorage: (of, savePath) => new FileStorage(ports, { metainfo: of, savePath }),
    }),
  );
  const running: LocalLibtorrent[] = [];
  try {
    await session.start();
    running.push(run("seed", seedPort, "-"));
    running.push(run("other", otherPort, `127.0.0.1:${seedPort}`));
    const { infoHash } = await session.add(metainfo, {
      savePath: join(home, "ours"),
      isPaused: false,
      peers: [`127.0.0.1:${seedPort}`],
      mustCheck: false,
    });
    // It knows us alone, and nobody else is told of it.
    const last = run("last", lastPort, `127.0.0.1:${session.listening?.port}`);
    running.push(last);
    const ours = (): number => session.torrent(infoHash).swarm?.neighbours.size ?? 0;
    const named = (): number => session.torrent(infoHash).swarm?.peers.countsBySource().get("pex") ?? 0;
    await waitUntil(
      "everybody is connected to everybody",
      pexTimeoutMs,
      () => ours() === 3 && last.peers.length === 3 && named() > 0,
      () => JSON.stringify({ ours: ours(), named: named(), last: last.peers }),
    );
  } finally {
    await Promise.all([session.stop(), ...running.map((one) => one.stop())]);
    rmSync(home, { recursive: true, force: true });
  }
});
