import { describe, expect, it } from "vitest";
import { canonicalAddress } from "../../source/base/ip-address.ts";
import { NodeInterfaces } from "../../source/platform/node-interfaces.ts";

describe("the host's interfaces", () => {
  it("have loopback, and addresses that can be bound to", () => {
    const all = new NodeInterfaces().list();
    expect(all.map(({ address }) => address)).toContain("127.0.0.1");
    for (const { address } of all) {
      expect(canonicalAddress(address)).toBe(address);
      expect(address).not.toMatch(/^fe[89ab]/);
    }
  });
});
