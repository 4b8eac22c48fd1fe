/** No key is silent: where it can do nothing, it says why. */
import { afterEach, describe, expect, it } from "vitest";
import { livelySwarm, someSwarms } from "../support/fake-engine.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const lonely = { ...livelySwarm, state: "paused", neighbours: 0 } as const;

describe("a key that can do nothing says why", () => {
  it.each(["p", "r", "R", "d", "D", "L", "o", "M", "w", "J", "K", "<", ">", " ", "V", "\r"])(
    "%j in a list without torrents",
    async (key) => {
      const { screen, engine } = await startUi({ swarms: [] });
      await screen.untilText("No torrents yet");
      screen.type(key);
      await screen.untilText("there is no torrent that it could mean");
      expect(engine.commands).toEqual([]);
    },
  );

  it.each([
    ["1b", "no neighbour is selected"],
    ["2X", "no neighbour is selected"],
    ["2\r", "no neighbour is selected"],
    ["4\r", "only folders can be opened and closed"],
    ["4-----", "it cannot be wanted less"],
    ["4+++++", "it cannot be wanted more"],
    ["8\r", "no neighbour has lost much of its time"],
    ["6[", "there is no shorter time"],
    ["6]]]]", "there is no longer time"],
  ])("%j in a torrent without neighbours", async (keys, words) => {
    const { screen } = await startUi({ swarms: [lonely], opens: true });
    await screen.untilText("paused");
    for (const key of keys) {
      screen.type(key);
      await screen.settled();
    }
    await screen.untilText(words);
  });

  it("Esc in the list with nothing to take back, and u without marks", async () => {
    const { screen } = await startUi({ swarms: someSwarms });
    await screen.untilText("holiday");
    screen.type("u");
    await screen.untilText("nothing is marked");
    screen.type("\x1b");
    await screen.untilText("there is nothing to go back from");
  });
});
