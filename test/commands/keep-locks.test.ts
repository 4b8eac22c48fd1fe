import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { infoHashFromHex } from "../../source/base/ids.ts";
import { keepLocks } from "../../source/commands/keep-locks.ts";
import { LockSockets } from "../../source/platform/lock-socket.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";

const infoHash = infoHashFromHex("a".repeat(40));
const given = process.env["XDG_RUNTIME_DIR"];
let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
  process.env["XDG_RUNTIME_DIR"] = home;
});
afterEach(async () => {
  if (given === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = given;
  await rm(home, { recursive: true });
});

const locksOf = (pid: number) => new LockSockets({ pid, command: "p2p-tui get", profile: "/profile" });

describe("the lock of a download in the foreground", () => {
  it("keeps others out after its user has logged out and in again, too", async () => {
    const clock = new VirtualClock();
    const locks = locksOf(1);
    const lock = await locks.acquire(infoHash, home);
    const warnings: string[] = [];
    const stop = keepLocks(clock, locks, (message) => warnings.push(message));
    await rm(join(home, "p2p-tui"), { recursive: true });
    const isHeld = async (): Promise<boolean> => {
      // Whoever gets it gives it back.
      const other = await locksOf(2)
        .acquire(infoHash, home)
        .catch(() => undefined);
      await other?.release();
      return other === undefined;
    };
    while (!(await isHeld())) {
      clock.advance(5000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop();
    await lock.release();
    expect(await isHeld()).toBe(false);
    expect([warnings, clock.pendingTimers]).toEqual([[], 0]);
  });

  it("that cannot be made again is told of once", async () => {
    const clock = new VirtualClock();
    const warnings: string[] = [];
    const restore = () => Promise.reject(new Error("no room"));
    const stop = keepLocks(clock, { restore }, (message) => warnings.push(message));
    for (let look = 0; look < 3; look++) {
      clock.advance(5000);
      await settle();
    }
    expect(warnings).toEqual(["others do not see that these downloads are taken: no room"]);
    stop();
  });
});
