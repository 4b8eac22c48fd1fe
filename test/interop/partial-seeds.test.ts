/** Two that have a part each, libtorrent and we: what each tells the other of what it wants (BEP 21). */
import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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
const pieceLength = 65_536;
const length = 40 * pieceLength;
/** It has what it wants of us long before we have all of it, but not before we want that. */
const ourLimit = length / 2;
const theirLimit = length / 10;
const timeoutMs = 40_000;

test.skipIf(reason !== "")(
  `libtorrent keeps us while we want more of it than we did when we met ${reason}`,
  async () => {
    const home = mkdtempSync(join(tmpdir(), "p2p-partial-"));
    const folder = (name: string) => join(home, name, "album");
    for (const name of ["whole", "ours", "theirs"]) mkdirSync(folder(name), { recursive: true });
    for (const name of ["a.bin", "b.bin"]) writeFileSync(join(folder("whole"), name), randomBytes(length));
    copyFileSync(join(folder("whole"), "a.bin"), join(folder("ours"), "a.bin"));
    copyFileSync(join(folder("whole"), "b.bin"), join(folder("theirs"), "b.bin"));
    const path = folder("whole");
    const metainfo = await createMetainfo(ports, { path, trackers: [], pieceLength, createdBy: "test" });
    const torrentPath = join(home, "album.torrent");
    writeFileSync(torrentPath, metainfo);
    const session = new Session(
      ports,
      sessionOptions({
        localAddress: "127.0.0.1",
        profile: join(home, "profile"),
        maxUpRate: ourLimit,
        makeStorage: (of, savePath) => new FileStorage(ports, { metainfo: of, savePath }),
      }),
    );
    let theirs: LocalLibtorrent | undefined;
    try {
      await session.start();
      const { infoHash } = await session.add(metainfo, {
        savePath: join(home, "ours"),
        isPaused: false,
        peers: [],
        mustCheck: true,
        choices: { priorities: [{ file: 1, priority: "skip" }] },
      });
      const torrent = session.torrent(infoHash);
      const neighbours = () => [...(torrent.swarm?.neighbours.values() ?? [])];
      await waitUntil("we have our file", timeoutMs, () => torrent.isFinished);
      // It dials us, and nobody has told us of it.
      const us = `127.0.0.1:${session.listening?.port}`;
      const place = [torrentPath, join(home, "theirs"), "127.0.0.1", `${await freePort()}`];
      theirs = new LocalLibtorrent(...place, "plain", us, `${theirLimit}`);
      await waitUntil("it is there", timeoutMs, () => neighbours().length === 1);
      const met = new Set(neighbours().map(({ id }) => id));
      await torrent.change({ priorities: [{ file: 1, priority: "normal" }] });
      await theirs.untilSeeding();
      expect(torrent.have.isFull, "it was to be slow").toBe(false);
      await waitUntil("we have everything", timeoutMs, () => {
        for (const { id } of neighbours()) met.add(id);
        return torrent.have.isFull;
      });
      // It has needed nothing of us for long, and has not let go of us all the same.
      expect(met.size).toBe(1);
      const hashOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
      expect(hashOf(join(folder("ours"), "b.bin"))).toBe(hashOf(join(folder("whole"), "b.bin")));
    } finally {
      await Promise.all([session.stop(), theirs?.stop()]);
      rmSync(home, { recursive: true, force: true });
    }
  },
);
