/** Magnet links that wait for their metadata, over the end of the program. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseMagnet } from "../../../source/metainfo/magnet.ts";
import { NodeFileSystem } from "../../../source/platform/node-file-system.ts";
import { SessionWorld } from "../../support/session-world.ts";

let world: SessionWorld;
let folder: string;
let warnings: string[];
beforeEach(() => {
  world = new SessionWorld();
  folder = mkdtempSync(join(tmpdir(), "p2p-magnets-"));
  warnings = [];
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

const start = (address: string) =>
  world.start(address, {
    records: { files: new NodeFileSystem(), folder, warn: (message: string) => warnings.push(message) },
  });

describe("magnet links", () => {
  it("are there after a restart as they were, all that was chosen with them", async () => {
    const first = await start("10.0.0.1");
    const plain = parseMagnet(`magnet:?xt=urn:btih:${"1".repeat(40)}`);
    const chosen = parseMagnet(`magnet:?xt=urn:btih:${"2".repeat(40)}&dn=named&tr=http://10.0.0.9/announce&so=0,2`);
    await first.magnets.add(plain, { savePath: "/a", startsPaused: false, choices: {} });
    const choices = { labels: ["x"], isSequential: true, maxUpRate: 1000, ratioGoal: 2.5 };
    await first.magnets.add(chosen, { savePath: "/b", startsPaused: true, choices });
    await first.magnets.setPaused(chosen.infoHash, true);
    await world.stop(first);

    for (const address of ["10.0.0.2", "10.0.0.3"]) {
      const again = await start(address);
      expect([warnings, readdirSync(folder)]).toEqual([[], expect.not.arrayContaining(["magnets.damaged"])]);
      const [one, two] = again.magnets.all.values();
      expect(one).toMatchObject({ magnet: plain, isPaused: false, options: { savePath: "/a", startsPaused: false } });
      expect(two).toMatchObject({
        magnet: chosen,
        isPaused: true,
        options: { savePath: "/b", startsPaused: true, choices },
      });
      // Has the list written again.
      await again.magnets.setPaused(plain.infoHash, true);
      await again.magnets.setPaused(plain.infoHash, false);
      await world.stop(again);
    }
  });
});
