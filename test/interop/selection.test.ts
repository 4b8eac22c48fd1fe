/** Files chosen of a torrent that libtorrent seeds: what a rival sends, and what is on our disk then. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Session } from "../../source/engine/session.ts";
import { createMetainfo } from "../../source/metainfo/create-metainfo.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { sideNameOf } from "../../source/storage/side-file.ts";
import { LocalLibtorrent } from "../support/clients/libtorrent.ts";
import { freePort, realPorts } from "../support/real-ports.ts";
import { libtorrentProblem, reasonToSkip } from "../support/requirements.ts";
import { sessionOptions } from "../support/session-parts.ts";

const reason = reasonToSkip(libtorrentProblem());
const ports = realPorts();
const pieceLength = 262_144;
const names = ["a.bin", "b.bin", "c.bin"];
const lengths = [3_000_001, 2_500_000, 4_000_003];

test.skipIf(reason !== "")(
  `a file that is skipped is not made, and comes right when it is wanted ${reason}`,
  async () => {
    const home = mkdtempSync(join(tmpdir(), "p2p-chosen-"));
    const folder = join(home, "seed", "album");
    mkdirSync(folder, { recursive: true });
    for (const [index, name] of names.entries()) writeFileSync(join(folder, name), randomBytes(lengths[index] ?? 0));
    const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    const metainfo = await createMetainfo(ports, { path: folder, trackers: [], pieceLength, createdBy: "test" });
    writeFileSync(join(home, "album.torrent"), metainfo);
    const port = await freePort();
    const place = [join(home, "album.torrent"), join(home, "seed"), "127.0.0.1", `${port}`];
    const seed = new LocalLibtorrent(...place, "plain");
    const session = new Session(
      ports,
      sessionOptions({
        profile: join(home, "profile"),
        makeStorage: (of, savePath) => new FileStorage(ports, { metainfo: of, savePath }),
      }),
    );
    try {
      await seed.untilSeeding();
      await session.start();
      const complete = () =>
        new Promise<void>((resolve) => {
          const stop = session.onEvent(({ kind }) => {
            if (kind !== "complete") return;
            stop();
            resolve();
          });
        });
      const savePath = join(home, "leech");
      const isFirst = complete();
      const { infoHash } = await session.add(metainfo, {
        savePath,
        isPaused: false,
        peers: [`127.0.0.1:${port}`],
        mustCheck: false,
        choices: { priorities: [{ file: 1, priority: "skip" }], isSequential: true },
      });
      await isFirst;
      const torrent = session.torrent(infoHash);
      expect(readdirSync(join(savePath, "album")).sort()).toEqual(["a.bin", "c.bin"]);
      for (const name of ["a.bin", "c.bin"]) {
        expect(hashOf(join(savePath, "album", name))).toBe(hashOf(join(folder, name)));
      }
      // Nothing but the wanted pieces came, and what they have of the skipped file lies aside.
      expect(torrent.downloadedBytes).toBe(torrent.wantedLength);
      expect(torrent.have.isFull).toBe(false);
      expect(existsSync(join(savePath, sideNameOf(infoHash)))).toBe(true);

      const isWhole = complete();
      await torrent.change({ priorities: [{ file: 1, priority: "high" }] });
      await isWhole;
      for (const name of names) expect(hashOf(join(savePath, "album", name))).toBe(hashOf(join(folder, name)));
      expect(readdirSync(savePath)).toEqual(["album"]);
      expect(torrent.downloadedBytes).toBe(torrent.summary.totalLength);
    } finally {
      await session.stop();
      await seed.stop();
      rmSync(home, { recursive: true, force: true });
    }
  },
);
