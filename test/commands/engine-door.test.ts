import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import { EngineDoor } from "../../source/commands/engine-door.ts";
import { enginePlace } from "../../source/commands/engine-place.ts";
import { namingProcess } from "../../source/commands/running-engine.ts";
import { bootId } from "../../source/platform/boot-id.ts";
import { dialControl } from "../../source/platform/ws-channel.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const given = process.env["XDG_RUNTIME_DIR"];
let home = "";
let profile = "";
let runtime = "";
let clock = new VirtualClock();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
  profile = join(home, "profile");
  runtime = join(home, "runtime");
  await mkdir(profile);
  await mkdir(runtime, { mode: 0o700 });
  process.env["XDG_RUNTIME_DIR"] = runtime;
  clock = new VirtualClock();
});
afterEach(async () => {
  if (given === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = given;
  await rm(home, { recursive: true });
});

/** An open door, and what came through it. */
async function openDoor() {
  const door = await EngineDoor.open(profile);
  const seen = { heard: 0, lost: 0, warnings: [] as string[] };
  await door.listen(clock, {
    attach: (channel) => {
      channel.onMessage = () => seen.heard++;
    },
    lost: async () => void seen.lost++,
    warn: (message) => void seen.warnings.push(message),
  });
  return { door, seen };
}

const dial = async () => dialControl((await enginePlace(profile)).controlPath);

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) {
    clock.advance(5000);
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
  }
}

const canDial = () =>
  dial().then(
    (channel) => {
      channel.close();
      return true;
    },
    () => false,
  );

describe("the door of a running engine", () => {
  it("is there again after its directory was removed and made anew, and those inside stay", async () => {
    const { door, seen } = await openDoor();
    const client = await dial();
    await rm(runtime, { recursive: true });
    await mkdir(runtime, { mode: 0o700 });
    expect(await canDial()).toBe(false);
    await until(canDial);
    await expect(EngineDoor.open(profile)).rejects.toMatchObject({ code: "held" });
    client.send({} as never);
    await until(() => seen.heard === 1);
    expect(seen).toEqual({ heard: 1, lost: 1, warnings: [] });
    await door.close();
    expect(await canDial()).toBe(false);
    await (await EngineDoor.open(profile)).close();
  });

  it("is found where others look for it by now", async () => {
    const { door } = await openDoor();
    process.env["XDG_RUNTIME_DIR"] = join(home, "other");
    await mkdir(join(home, "other"), { mode: 0o700 });
    await until(canDial);
    await expect(EngineDoor.open(profile)).rejects.toThrow(/in use by p2p-tui \(process \d+\)$/);
    process.env["XDG_RUNTIME_DIR"] = runtime;
    expect(await canDial()).toBe(false);
    await door.close();
  });

  it("has its control socket again where that alone was removed", async () => {
    const { door, seen } = await openDoor();
    await rm((await enginePlace(profile)).controlPath);
    await until(canDial);
    expect(seen.lost).toBe(0);
    await door.close();
  });

  it("stays shut once it was closed", async () => {
    const { door } = await openDoor();
    await rm(runtime, { recursive: true });
    await mkdir(runtime, { mode: 0o700 });
    clock.advance(5000);
    door.stopAccepting();
    await door.close();
    clock.advance(60_000);
    expect(await canDial()).toBe(false);
  });

  it.skipIf(bootId() === "")("says which process does not answer, where one does not", async () => {
    const silent = new OperationalError("engine-silent", "the engine does not answer");
    expect(await namingProcess(silent, profile)).toBe(silent);
    const { door } = await openDoor();
    expect(await namingProcess(silent, profile)).toMatchObject({
      code: "engine-silent",
      message: expect.stringContaining(`(process ${process.pid}) does not answer`),
    });
    const other = new OperationalError("no-engine", "there is none");
    expect(await namingProcess(other, profile)).toBe(other);
    await door.close();
  });

  it.skipIf(bootId() === "")("is not opened where the profile names another living process", async () => {
    const stat = await readFile(`/proc/${process.ppid}/stat`, "utf8");
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    await writeFile(join(profile, "engine-process"), `${process.ppid} ${start} ${bootId()}\n`);
    await expect(EngineDoor.open(profile)).rejects.toThrow(`\`kill ${process.ppid}\` ends it`);
    await rm(join(profile, "engine-process"));
    // Nothing was left locked.
    await (await EngineDoor.open(profile)).close();
  });
});
