import { describe, expect, it } from "vitest";
import { largestCrowd, networkOf } from "../../source/base/crowd.ts";

describe("the network of an address", () => {
  it("is the address itself for IPv4", () => {
    expect(networkOf("192.0.2.7")).toBe("192.0.2.7");
  });

  it("is the /64 for IPv6", () => {
    expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::");
    expect(networkOf("2001:db8:1:2:ffff::1")).toBe(networkOf("2001:db8:1:2::9"));
    expect(networkOf("2001:db8:1:3::1")).not.toBe(networkOf("2001:db8:1:2::1"));
  });

  it("is what is there where that is no address", () => {
    expect(networkOf("a:b")).toBe("a:b");
  });
});

describe("the largest crowd", () => {
  const same = (address: string) => address;

  it("is in the order given, and the first of several that are as large", () => {
    const members = ["10.0.0.1", "10.0.0.2", "2001:db8::1", "10.0.0.2", "2001:db8::2"];
    expect(largestCrowd(members, same)).toEqual(["10.0.0.2", "10.0.0.2"]);
    expect(largestCrowd(["10.0.0.1", "10.0.0.2"], same)).toEqual(["10.0.0.1"]);
  });

  it("is nobody among nobody", () => {
    expect(largestCrowd([], same)).toEqual([]);
  });
});
