import { describe, expect, test } from "vitest";
import { Announcer } from "../../source/discovery/announcer.ts";
import { Trackers } from "../../source/discovery/trackers.ts";
import { RecordingHost } from "./scripted-trackers.ts";
import {
  announceAnswer,
  errorAnswer,
  outcome,
  place,
  query,
  ScriptedUdpTracker,
  transactionOf,
  UdpWorld,
} from "./udp-world.ts";

const v4 = "203.0.113.1";
const v6 = "2001:db8::1";
const half = 30_000;

function make(...addresses: readonly string[]) {
  const world = new UdpWorld();
  world.names.set(place.host, addresses);
  return { world, tracker: new ScriptedUdpTracker(world, addresses[0] ?? v4) };
}

describe("a UDP tracker", () => {
  test("is connected to first, then told everything (BEP 15)", async () => {
    const { world, tracker } = make(v4);
    const heard = world.trackers.announce(place, { ...query, event: "started" }, { timeoutMs: half });
    await world.clock.run(1000);
    const { answer, remoteAddress } = await heard;
    expect(remoteAddress).toBe(v4);
    expect(answer).toMatchObject({
      intervalMs: 1800_000,
      seeds: 3,
      leeches: 2,
      peers: [{ address: "198.51.100.7", port: 80 }],
    });
    expect(tracker.story).toEqual(["connect 0", "announce 0"]);
    const [connect, announce] = tracker.heard.map(({ bytes }) => Buffer.from(bytes).toString("hex"));
    expect(connect).toMatch(/^000004172710198000000000[0-9a-f]{8}$/);
    expect(announce).toMatch(/^112233445566778800000001[0-9a-f]{8}(00ff7e20){5}2d50543031/);
    expect(announce?.slice(112)).toBe(
      `${"2".padStart(16, "0")}${"3".padStart(16, "0")}${"1".padStart(16, "0")}0000000200000000deadbeef000000321ae1`,
    );
    world.trackers.close();
    expect(world.clock.pendingTimers).toBe(0);
  });

  test("gives one connection id for all torrents, for a minute", async () => {
    const { world, tracker } = make(v4);
    const announce = () => outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    const first = Promise.all([announce(), announce(), announce()]);
    await world.clock.run(59_000);
    expect(await first).toEqual([`heard ${v4}`, `heard ${v4}`, `heard ${v4}`]);
    expect(tracker.story).toEqual(["connect 0", "announce 0", "announce 0", "announce 0"]);
    const second = announce();
    await world.clock.run(2000);
    await second;
    const third = announce();
    await world.clock.run(2000);
    await third;
    expect(tracker.story.slice(4)).toEqual(["announce 59", "connect 61", "announce 61"]);
    expect(world.lookups).toEqual([place.host, place.host]);
    world.trackers.close();
  });

  test("is asked again after 15, 30, 60 … s, as long as there is time", async () => {
    const { world, tracker } = make(v4);
    tracker.reply = () => undefined;
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: 120_000 }));
    await world.clock.run(300_000);
    expect(await heard).toBe("t.example:6969 did not answer within 120 s");
    expect(tracker.story).toEqual(["connect 0", "connect 15", "connect 45", "connect 105"]);
    expect(new Set(tracker.heard.map(({ bytes }) => transactionOf(bytes))).size).toBe(1);
  });

  test("is given the time of the announce, and not more", async () => {
    const { world, tracker } = make(v4);
    tracker.reply = () => undefined;
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(half - 100);
    expect(world.openSockets).toBe(1);
    await world.clock.run(200);
    expect(await heard).toBe("t.example:6969 did not answer within 30 s");
    expect(tracker.story).toEqual(["connect 0", "connect 15"]);
    // The socket stays for a minute, for whoever comes next; then nothing is left.
    await world.clock.run(60_000);
    expect([world.openSockets, world.clock.pendingTimers]).toEqual([0, 0]);
  });

  test("that lost an announce is connected to anew before it is told again", async () => {
    const { world, tracker } = make(v4);
    let lost = 0;
    tracker.reply = ({ what }, usual) => (what === "announce" && lost++ === 0 ? undefined : usual);
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(20_000);
    expect(await heard).toBe(`heard ${v4}`);
    expect(tracker.story).toEqual(["connect 0", "announce 0", "connect 15", "announce 15"]);
    world.trackers.close();
  });

  test("that does not know an id of before any more is asked for another at once", async () => {
    const { world, tracker } = make(v4);
    const announce = () => outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    const first = announce();
    await world.clock.run(1000);
    await first;
    // It has started again.
    tracker.connectionId = 5n;
    tracker.reply = ({ what, bytes }, usual) =>
      what === "announce" && new DataView(bytes.buffer).getBigUint64(0) !== 5n
        ? errorAnswer(transactionOf(bytes), "Connection ID mismatch")
        : usual;
    const second = announce();
    await world.clock.run(1000);
    expect(await second).toBe(`heard ${v4}`);
    expect(tracker.story.slice(2)).toEqual(["announce 1", "connect 1", "announce 1"]);
    world.trackers.close();
  });

  test("that refuses does so in its words, cleaned", async () => {
    const { world, tracker } = make(v4);
    tracker.reply = ({ what, bytes }, usual) =>
      what === "connect" ? usual : errorAnswer(transactionOf(bytes), "not \u001b[31mhere\u0000");
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(1000);
    expect(await heard).toBe("not [31mhere");
    tracker.reply = ({ bytes }) => errorAnswer(transactionOf(bytes), "");
    world.trackers.networkChanged();
    const second = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(1000);
    expect(await second).toBe("the tracker refused without a reason");
    world.trackers.close();
  });

  test("is told the path and query of its URL (BEP 41), in pieces where they are long", async () => {
    const { world, tracker } = make(v4);
    const urlData = `/announce?key=${"k".repeat(250)}`;
    const heard = world.trackers.announce({ ...place, urlData }, query, { timeoutMs: half });
    await world.clock.run(1000);
    await heard;
    const options = tracker.heard[1]?.bytes.subarray(98) ?? new Uint8Array(0);
    expect([...options.subarray(0, 2)]).toEqual([2, 255]);
    expect([...options.subarray(257, 259)]).toEqual([2, urlData.length - 255]);
    const told = Buffer.concat([options.subarray(2, 257), options.subarray(259)]).toString();
    expect(told).toBe(urlData);
    world.trackers.close();
  });
});

describe("of several addresses", () => {
  test("the next is asked when one keeps silent for two seconds, and the first answer counts", async () => {
    const { world, tracker } = make(v6, v4);
    tracker.reply = () => undefined;
    const other = new ScriptedUdpTracker(world, v4);
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(10_000);
    expect(await heard).toBe(`heard ${v4}`);
    expect(other.story).toEqual(["connect 2", "announce 2"]);
    // Nobody waits for the other any more.
    await world.clock.run(30_000);
    expect(tracker.story).toEqual(["connect 0"]);
    world.trackers.close();
  });

  test("those of one family alone are asked where that is wanted, and their peers are of that family", async () => {
    const { world, tracker } = make(v6, v4);
    const peer = [0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 9, 0x1a, 0xe1];
    tracker.reply = ({ what, bytes }, usual) =>
      what === "connect"
        ? usual
        : announceAnswer(transactionOf(bytes), { interval: 60, leeches: 0, seeds: 0, peers: [...peer, 1, 2, 3] });
    const heard = world.trackers.announce(place, query, { timeoutMs: half, family: 6 });
    await world.clock.run(1000);
    expect((await heard).answer.peers).toEqual([{ address: "2001:db8::9", port: 6881 }]);
    expect(tracker.heard[0]?.from.address).toBe("2001:db8::100");
    world.trackers.close();
  });

  test("those that we have no address to ask from are left out, and it is said where none is left", async () => {
    const { world } = make(v6, v4);
    world.families.delete(6);
    const other = new ScriptedUdpTracker(world, v4);
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(1000);
    expect(await heard).toBe(`heard ${v4}`);
    expect(other.story).toEqual(["connect 0", "announce 0"]);
    const six = outcome(world.trackers.announce(place, query, { timeoutMs: half, family: 6 }));
    await world.clock.run(1000);
    expect(await six).toBe("we have no IPv6 address");
    world.names.set("four.example", [v4]);
    const none = outcome(
      world.trackers.announce({ ...place, host: "four.example" }, query, { timeoutMs: half, family: 6 }),
    );
    await world.clock.run(1000);
    expect(await none).toBe("four.example has no IPv6 address");
    world.trackers.close();
  });

  test("those that are no host's are not asked (HOSTILE A9)", async () => {
    const { world } = make("239.192.152.143", "255.255.255.255", "0.0.0.0");
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(1000);
    expect(await heard).toBe("t.example is at 239.192.152.143, which may not be contacted from here");
    expect(world.datagrams.sent).toBe(0);
    world.trackers.close();
  });
});

describe("an announcer at a UDP tracker", () => {
  const eventsOf = (tracker: ScriptedUdpTracker) =>
    tracker.heard.filter(({ what }) => what === "announce").map(({ bytes: b }) => new DataView(b.buffer).getUint32(80));

  test("of both families tells it over both, each from our address of that family, and says stopped over both", async () => {
    const { world, tracker } = make(v6, v4);
    const other = new ScriptedUdpTracker(world, v4);
    const http = { get: () => Promise.reject(new Error("no HTTP here")) };
    const trackers = new Trackers({ ...world.ports, http }, "test");
    const host = new RecordingHost();
    const announcer = new Announcer(world.ports, host, {
      tiers: [["udp://t.example:6969/announce"]],
      key: 1,
      trackers,
    });
    announcer.start();
    await world.clock.run(1000);
    expect([eventsOf(tracker), eventsOf(other)]).toEqual([[2], [2]]);
    expect(announcer.rows()).toMatchObject([{ state: "working", seeds: 3, leeches: 2 }]);
    expect([tracker, other].map(({ heard }) => heard.at(-1)?.from.address)).toEqual(["2001:db8::100", "198.51.100.1"]);
    announcer.complete();
    await world.clock.run(1000);
    const stopped = announcer.stop(5000);
    await world.clock.run(1000);
    await stopped;
    expect([eventsOf(tracker), eventsOf(other)]).toEqual([
      [2, 1, 3],
      [2, 1, 3],
    ]);
    trackers.close();
    await world.clock.run(0);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("what is no answer to what was asked is as if it had not come (HOSTILE C6)", () => {
  const wrong: readonly [what: string, (usual: Uint8Array) => Uint8Array][] = [
    ["another transaction id", (usual) => changed(usual, 7, (byte) => byte ^ 1)],
    ["another action", (usual) => changed(usual, 3, (byte) => byte ^ 1)],
    ["an action of no meaning", (usual) => changed(usual, 0, () => 255)],
    ["too few bytes", (usual) => usual.subarray(0, usual.length > 16 ? 19 : 15)],
    ["next to nothing", (usual) => usual.subarray(0, 3)],
    ["nothing", () => new Uint8Array(0)],
  ];
  for (const [what, spoil] of wrong) {
    for (const when of ["connect", "announce"]) {
      test(`${what}, to ${when === "connect" ? "a connect" : "an announce"}`, async () => {
        const { world, tracker } = make(v4);
        tracker.reply = (heard, usual) => (heard.what === when ? spoil(usual) : usual);
        const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
        await world.clock.run(half);
        expect(await heard).toMatch(/did not answer within 30 s|is no tracker/);
        // Right the next time, after a wrong one.
        tracker.reply = (now, usual) => {
          if (now.what === when) tracker.socket.send(spoil(usual), now.from);
          return usual;
        };
        const second = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
        await world.clock.run(1000);
        expect(await second).toBe(`heard ${v4}`);
        world.trackers.close();
      });
    }
  }

  test("right answers from elsewhere", async () => {
    const { world, tracker } = make(v4);
    tracker.reply = ({ from }, usual) => {
      for (const address of ["203.0.113.2", v4]) {
        world.datagrams.send({ bytes: usual, from: { address, port: address === v4 ? 6970 : 6969 }, to: from });
      }
      return undefined;
    };
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    await world.clock.run(half);
    expect(await heard).toMatch(/did not answer/);
    expect(tracker.story).toEqual(["connect 0", "connect 15"]);
    world.trackers.close();
  });

  test("a flood of guesses costs nothing that stays", async () => {
    const { world, tracker } = make(v4);
    tracker.reply = ({ from, what }, usual) => {
      for (let i = 0; i < 10_000; i++)
        tracker.socket.send(
          changed(usual, 4 + (i % 4), (byte) => byte + 1 + (i % 250)),
          from,
        );
      return what === "connect" ? usual : undefined;
    };
    const heard = outcome(world.trackers.announce(place, query, { timeoutMs: 10_000 }));
    world.clock.advance(5);
    await world.clock.run(10_000);
    expect(await heard).toMatch(/did not answer/);
    world.trackers.close();
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("the way there", () => {
  test("a name that is not known is an error in words, and is looked up again the next time", async () => {
    const { world } = make(v4);
    world.names.clear();
    const announce = () => outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    const first = announce();
    await world.clock.run(10);
    expect(await first).toBe("there is no host named t.example");
    world.names.set(place.host, [v4]);
    const second = announce();
    await world.clock.run(1000);
    expect(await second).toBe(`heard ${v4}`);
    world.trackers.close();
  });

  test("when the network changes, what is under way fails, and what follows goes by another socket", async () => {
    const { world, tracker } = make(v4);
    const announce = () => outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    const first = announce();
    await world.clock.run(5);
    world.trackers.networkChanged();
    const second = announce();
    await world.clock.run(1000);
    expect(await first).toBe("the request was given up");
    expect(await second).toBe(`heard ${v4}`);
    expect(world.openSockets).toBe(1);
    expect(new Set(tracker.heard.map(({ from }) => from.port)).size).toBe(2);
    world.trackers.close();
    await world.clock.run(0);
    expect(world.openSockets).toBe(0);
    expect(await announce()).toBe("the request was given up");
  });

  test("a socket that was closed by somebody else is opened again", async () => {
    const { world } = make(v4);
    const announce = () => outcome(world.trackers.announce(place, query, { timeoutMs: half }));
    const first = announce();
    await world.clock.run(1000);
    await first;
    for (const socket of world.sockets) await socket.close();
    const second = announce();
    await world.clock.run(1000);
    expect(await second).toBe(`heard ${v4}`);
    world.trackers.close();
  });
});

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at] ?? 0) & 255;
  return copy;
}
