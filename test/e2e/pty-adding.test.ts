/** Adding in a real terminal, on a real engine: a path by Tab, files chosen, a folder of many, and taken back. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProblem, programArguments } from "../support/clients/program.ts";
import { newMark } from "../support/marked-processes.ts";
import { folder, singleFile, writePayload } from "../support/payload.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";
import { Terminal } from "../support/terminal.ts";
import { makeTorrent } from "../support/torrent-file.ts";

const reason = reasonToSkip(missingPrograms("tmux", "stty"), buildProblem());
const tracker = "http://127.0.0.1:9/announce";
const count = 40;

describe.skipIf(reason !== "")(`adding in a terminal ${reason}`, () => {
  const home = reason === "" ? mkdtempSync(join(tmpdir(), "p2p-pty-adding-")) : "";
  const mark = newMark();

  beforeAll(() => {
    for (const name of ["run", "torrents/many"]) mkdirSync(join(home, name), { recursive: true, mode: 0o700 });
    const make = (out: string, payload: Parameters<typeof makeTorrent>[1]["payload"]) =>
      makeTorrent("p2p-tui", { payload, out: join(home, "torrents", out), pieceLength: 16_384, tracker });
    make("album.torrent", writePayload(join(home, "content"), folder("album", 300_000), "album"));
    for (let i = 0; i < count; i++) {
      const name = `item ${String(i).padStart(2, "0")}`;
      make(`many/${name}.torrent`, writePayload(join(home, "content"), singleFile(name, 20_000 + i), name));
    }
  }, 120_000);
  afterAll(() => {
    mark.killAll();
    if (home !== "") rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  test("a path is completed, files are skipped, a folder comes whole, and all of it is undone", async () => {
    const place = ["--dir", join(home, "content"), "--profile", join(home, "profile")];
    const command = programArguments(["--on-quit", "stop", ...place, "--bind", "127.0.0.1", "--port", "0"]);
    const environment = { HOME: home, XDG_RUNTIME_DIR: join(home, "run"), ...mark.environment };
    const screen = new Terminal(command, { columns: 80, rows: 24, environment });
    try {
      await screen.untilShows("No torrents yet");
      screen.press("a");
      await screen.untilShows("Add torrents");
      screen.press("~/tor", "Tab");
      await screen.untilShows("~/torrents/");
      screen.press("al", "Tab");
      await screen.untilShows("album.torrent");
      screen.press("Enter");
      await screen.untilShows("Add album");
      await screen.untilShows("it fits");
      screen.press("x");
      await screen.untilShows(/\d+ of \d+ wanted/);
      screen.press("Enter");
      await screen.untilShows("2 Neighbours");
      // What lies in the content's folder is found to be right.
      await screen.untilShows("seeding");
      screen.press("4");
      await screen.untilShows("× skip");
      screen.press("Escape");
      await screen.untilShows("1 torrent");

      screen.press("a");
      await screen.untilShows("Add torrents");
      screen.press("~/torrents/many", "Enter");
      await screen.untilShows(`Add ${count} torrents`);
      await screen.untilShows(`${count} to be added`);
      screen.press("Enter");
      await screen.untilShows(`added ${count} torrents`);
      await screen.untilShows(`${count + 1} torrents`);

      screen.press("j", "v", "G");
      await screen.untilShows(`${count} marked`);
      screen.press("v", "d");
      await screen.untilShows(`Remove ${count} torrents?`);
      screen.press("y");
      await screen.untilShows(`removed ${count} torrents`);
      screen.press("U");
      await screen.untilShows(`undone: removed ${count} torrents`);
      await screen.untilShows(`${count + 1} torrents`);
      screen.press("U");
      await screen.untilShows(`undone: added ${count} torrents`);
      screen.press("q");
      expect(await screen.untilEnded()).toBe(0);
    } finally {
      screen.close();
    }
  });
});
