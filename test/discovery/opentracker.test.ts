/** Our announcer at opentracker: another program's idea of BEP 3, 7, 15, 23 and 48. */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { AnnouncingPeer } from "../support/announcing-peer.ts";
import { freePort } from "../support/real-ports.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";

const hash = infoHashFromHex("00ff7e2061".repeat(4));
const problem = reasonToSkip(missingPrograms("opentracker"));

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => socket.end(() => resolve(true)));
    socket.on("error", () => resolve(false));
  });
}

describe.skipIf(problem !== "").each(["http", "udp"])("our announcer at opentracker over %s", (scheme) => {
  let url = "";
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "p2p-tui-opentracker-"));
    chmodSync(folder, 0o755);
    // Debian's build tracks only what is on a list; the list is opened below the folder, which becomes the root.
    writeFileSync(join(folder, "list"), `${hash}\n`);
    chmodSync(join(folder, "list"), 0o644);
    const port = await freePort();
    const args = [
      "-i",
      "127.0.0.1",
      "-p",
      String(port),
      "-P",
      String(port),
      "-d",
      folder,
      "-u",
      "nobody",
      "-w",
      "list",
    ];
    const child = spawn("opentracker", args, { stdio: "ignore" });
    let hasEnded = false;
    const ended = new Promise<void>((resolve) => {
      child.on("close", () => {
        hasEnded = true;
        resolve();
      });
    });
    stop = async () => {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    };
    while (!(await canConnect(port))) {
      if (hasEnded) throw new Error("opentracker ended at once");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    url = `${scheme}://127.0.0.1:${port}/announce`;
  });

  afterAll(async () => stop());

  test("peers find each other, are counted, complete and leave", async () => {
    const seed = new AnnouncingPeer(url, hash, 7001);
    seed.left = 0;
    const leech = new AnnouncingPeer(url, hash, 7002, "127.0.0.2");
    await seed.start();
    expect(await leech.start()).toContain("127.0.0.1:7001");
    expect(leech.announcer.swarm).toMatchObject({ seeds: 1, leeches: 1 });
    expect(leech.announcer.rows()[0]).toMatchObject({ state: "working", message: "" });

    const scrape = async () => (await seed.trackers.scrape(url, [hash], { timeoutMs: 5000 })).answer.get(hash);
    expect(await scrape()).toMatchObject({ seeds: 1, leeches: 1 });
    leech.left = 0;
    leech.announcer.complete();
    await leech.stop();
    expect(await scrape()).toMatchObject({ seeds: 1, leeches: 0, completions: 1 });
    await seed.announcer.stop(5000);
    expect(await scrape()).not.toMatchObject({ seeds: 1 });
    await seed.stop();
  });

  test("a torrent that it does not track is a failure in its words", async () => {
    const peer = new AnnouncingPeer(url, infoHashFromHex("77".repeat(20)), 7003);
    await peer.start();
    const row = peer.announcer.rows()[0];
    expect(row?.state).toBe("failed");
    expect(row?.message).toMatch(/not authorized|does not track this torrent/i);
    await peer.stop();
  });
});
