/** Lost trackers are told of where it matters: nobody is connected, none answers, for minutes; once. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import type { Session } from "../../../source/engine/session.ts";
import type { HttpClient } from "../../../source/ports/http.ts";
import { SessionWorld, type WorldTorrent } from "../../support/session-world.ts";

let world = new SessionWorld();
beforeEach(() => {
  world = new SessionWorld();
});
afterEach(() => world.close());

/** A tracker that answers while `isThere`. */
class Tracker implements HttpClient {
  isThere = false;
  get(): ReturnType<HttpClient["get"]> {
    if (!this.isThere) return Promise.reject(new OperationalError("refused", "nobody is there"));
    const body = new TextEncoder().encode("d8:completei0e10:incompletei0e8:intervali1800e5:peers0:e");
    return Promise.resolve({ status: 200, headers: {}, remoteAddress: "10.0.0.9", body });
  }
}

async function leech(http: HttpClient, torrents: readonly WorldTorrent[], peers: readonly Session[] = []) {
  const session = await world.start("10.0.0.1", { http });
  const told: string[] = [];
  session.onEvent((event) => {
    if (event.kind === "warning") told.push(event.message);
  });
  for (const torrent of torrents) await world.add(session, torrent, peers);
  return { session, told };
}

const torrent = (name: string): WorldTorrent => world.torrent(name, 2_000_000, 65_536, "http://10.0.0.9/announce");

describe("a download that finds nobody", () => {
  it("is told of after minutes, once, and again when it comes to be so again", async () => {
    const http = new Tracker();
    const { session, told } = await leech(http, [torrent("alone")]);
    await world.run(120);
    expect(told).toEqual([]);
    await world.run(120);
    expect(told).toEqual(["alone: none of its trackers answers, and nobody is connected"]);
    await world.run(3_600);
    expect(told).toHaveLength(1);
    http.isThere = true;
    for (const each of session.torrents.values()) each.reannounce();
    await world.run(60);
    http.isThere = false;
    for (const each of session.torrents.values()) each.reannounce();
    await world.run(600);
    expect(told).toHaveLength(2);
  });

  it("is told of with the others, in one sentence", async () => {
    const { told } = await leech(new Tracker(), ["a", "b", "c", "d"].map(torrent));
    await world.run(300);
    expect(told).toEqual(["4 downloads have no tracker that answers, and nobody is connected: a, b, c…"]);
  });

  it("is no matter while a neighbour is there, or where nothing is to come", async () => {
    const content = torrent("with a seed");
    const seed = await world.start("10.0.0.2", { isSeed: true, http: new Tracker() });
    await world.add(seed, content);
    await world.run(2);
    const { session, told } = await leech(new Tracker(), [content], [seed]);
    session.downLimit.setLimit(1_000);
    await world.run(600);
    expect(told).toEqual([]);
  });
});
