import { describe, expect, it } from "vitest";
import { OwnAddress } from "../../../source/engine/network/own-address.ts";
import { canonicalPriority } from "../../../source/swarm/canonical-priority.ts";

const listed = (...addresses: readonly string[]) => ({
  list: () => addresses.map((address) => ({ name: "x", address })),
});
const port = () => 6881;

describe("where others see us", () => {
  it("is for the world what two networks say, and never what one alone says", () => {
    const own = new OwnAddress(undefined, listed("192.168.1.7"), port);
    expect(own.seenFrom("198.51.100.1")).toBeUndefined();
    for (let i = 0; i < 3; i++) own.said("198.51.100.1", "203.0.113.66");
    expect(own.seenFrom("198.51.100.1")).toBeUndefined();
    expect(own.said("198.51.100.2", "203.0.113.7")).toBe(false);
    expect(own.said("198.51.100.3", "203.0.113.7")).toBe(true);
    expect(own.seenFrom("198.51.100.1")).toBe("203.0.113.7");
    expect(own.seenFrom("2001:db8::1")).toBeUndefined();
  });

  it("is what an interface has, where that is public", () => {
    const own = new OwnAddress(undefined, listed("10.0.0.1", "203.0.113.7", "2001:db8:5::7"), port);
    expect(own.seenFrom("198.51.100.1")).toBe("203.0.113.7");
    expect(own.seenFrom("2001:db8::1")).toBe("2001:db8:5::7");
  });

  it("is for the local network the address that we have there, and on this machine its own", () => {
    const own = new OwnAddress(undefined, listed("10.0.0.1", "192.168.1.7", "203.0.113.7"), port);
    own.said("198.51.100.2", "203.0.113.9");
    own.said("198.51.100.3", "203.0.113.9");
    expect(own.seenFrom("192.168.1.20")).toBe("192.168.1.7");
    expect(own.seenFrom("10.0.3.3")).toBe("10.0.0.1");
    expect(own.seenFrom("127.0.0.5")).toBe("127.0.0.1");
  });

  it("is believed of nobody on the local network, nor anything that is no public address", () => {
    const own = new OwnAddress(undefined, undefined, port);
    for (let i = 1; i < 9; i++) own.said(`192.168.1.${i}`, "203.0.113.66");
    for (let i = 1; i < 9; i++) own.said(`198.51.100.${i}`, "192.168.1.9");
    expect(own.seenFrom("198.51.100.1")).toBeUndefined();
  });
});

describe("the rank of a peer", () => {
  it("is its canonical priority, above all for who is on our own network, and nothing where we do not know ourselves", () => {
    const own = new OwnAddress("203.0.113.7", listed("192.168.1.7"), port);
    const peer = { address: "198.51.100.1", port: 5 };
    expect(own.rankOf(peer)).toBe(canonicalPriority({ address: "203.0.113.7", port: 6881 }, peer));
    expect(own.rankOf({ address: "192.168.1.20", port: 5 })).toBeGreaterThanOrEqual(2 ** 32);
    expect(own.rankOf({ address: "2001:db8::1", port: 5 })).toBe(0);
  });
});
