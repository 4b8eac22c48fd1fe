import { describe, expect, it } from "vitest";
import { OperationalError } from "../../../source/base/errors.ts";
import { UnsyncedPieces } from "../../../source/engine/profile/unsynced-pieces.ts";

describe("pieces that are not synced", () => {
  it("are those verified since the last sync began, also where two are under way", async () => {
    const pieces = new UnsyncedPieces();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    pieces.verified();
    const first = pieces.settle(() => gates[0]?.promise);
    pieces.verified();
    const second = pieces.settle(() => gates[1]?.promise);
    gates[1]?.resolve();
    await second;
    expect(pieces.isEmpty).toBe(true);
    gates[0]?.resolve();
    await first;
    expect(pieces.isEmpty).toBe(true);
    pieces.verified();
    expect(pieces.isEmpty).toBe(false);
  });

  it("are lost where the disk has failed, and not where a file is gone or closed", async () => {
    for (const code of ["missing", "closed", "io-error"]) {
      const pieces = new UnsyncedPieces();
      await expect(pieces.settle(() => Promise.reject(new OperationalError(code, "no")))).rejects.toThrow("no");
      await pieces.settle(async () => {});
      expect([code, pieces.isLost, pieces.isEmpty]).toEqual([code, code === "io-error", code !== "io-error"]);
    }
  });
});
