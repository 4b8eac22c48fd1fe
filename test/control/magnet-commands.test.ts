/** What is asked of a magnet link on the list. */
import { afterEach, expect, it } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { EngineTarget } from "../../source/control/engine-target.ts";
import { SessionWorld } from "../support/session-world.ts";

const world = new SessionWorld();
afterEach(() => world.close());

it("reaches the DHT where it is how large its swarm is, as for a link that is not on it", async () => {
  const session = await world.start("10.0.0.1");
  const target = new EngineTarget(session, { shutdown: () => {}, stay: () => {}, settings: undefined });
  const [onList, other] = ["1", "2"].map((digit) => infoHashFromHex(digit.repeat(40)));
  if (onList === undefined || other === undefined) throw new Error("two");
  await target.execute({ name: "add-magnet", link: `magnet:?xt=urn:btih:${onList}`, savePath: "/", peers: [] });
  const outcomeOf = (infoHash: typeof onList) =>
    target.execute({ name: "dht-scrape", infoHash }).then(
      () => "answered",
      (error: unknown) => String(error),
    );
  expect(await outcomeOf(onList)).toBe(await outcomeOf(other));
});
