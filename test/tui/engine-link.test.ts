/** The connection to the engine: one at a time, and none that is not let go of. */
import { expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import type { Command } from "../../source/control/protocol.ts";
import { EngineLink } from "../../source/tui/engine-link.ts";
import { initialState } from "../../source/tui/state/app-state.ts";
import { Store } from "../../source/tui/state/store.ts";
import { FakeEngine } from "../support/fake-engine.ts";

interface Linked {
  readonly link: EngineLink;
  readonly engines: readonly FakeEngine[];
  readonly told: readonly string[];
}

function linked(): Linked {
  const engines: FakeEngine[] = [];
  const told: string[] = [];
  const link = new EngineLink({
    store: new Store(initialState({ title: "", isDemo: false, columns: 80, rows: 24, nowMs: 0 })),
    connect: async () => {
      const engine = new FakeEngine();
      engines.push(engine);
      return engine;
    },
    nowMs: () => 0,
    onSession: () => {},
    onNotice: ({ kind }) => told.push(kind),
    onLost: (reason) => told.push(reason),
  });
  return { link, engines, told };
}

it("several attempts at once are one, and one that is open already is enough", async () => {
  const { link, engines, told } = linked();
  expect(await Promise.all([link.open(), link.open()])).toEqual([true, true]);
  expect(await link.open()).toBe(true);
  expect(engines.length).toBe(1);
  for (const engine of engines) engine.notify({ kind: "stopping" });
  expect(told).toEqual(["stopping"]);
  link.close();
  expect(engines.map(({ isClosed }) => isClosed)).toEqual([true]);
});

it("after a loss it connects anew", async () => {
  const { link, engines, told } = linked();
  await link.open();
  engines[0]?.die("gone");
  expect(told).toEqual(["gone"]);
  expect(await Promise.all([link.open(), link.open()])).toEqual([true, true]);
  expect(engines.length).toBe(2);
  link.close();
});

const set: Command = { name: "set", changes: [{ key: "limits.alternative.down", text: "50" }] };
const off: Command = { name: "alternative", mode: "off" };

it("what follows a change of settings is asked when that holds", async () => {
  const { link, engines } = linked();
  await link.open();
  const [engine] = engines as [FakeEngine];
  const written = Promise.withResolvers<null>();
  const asked: string[] = [];
  engine.request = ({ name }) => {
    asked.push(name);
    return name === "set" ? written.promise : Promise.resolve(null);
  };
  const answers = link.askAll([set, off, off]);
  await new Promise(setImmediate);
  expect(asked).toEqual(["set"]);
  written.resolve(null);
  expect((await answers).map(({ command }) => command)).toEqual([set, off, off]);
  expect(asked).toEqual(["set", "alternative", "alternative"]);
  link.close();
});

it("what follows a change of settings is not asked where that is refused", async () => {
  const { link, engines } = linked();
  await link.open();
  const [engine] = engines as [FakeEngine];
  engine.refusal = new OperationalError("bad-setting", "it is no rate");
  expect(await link.askAll([set, off])).toMatchObject([{ command: set, error: { code: "bad-setting" } }]);
  expect(engine.commands).toEqual([set]);
  link.close();
});

it("an engine that comes after the end is let go of", async () => {
  const { link, engines } = linked();
  const opening = link.open();
  link.close();
  expect(await opening).toBe(false);
  expect(engines[0]?.isClosed).toBe(true);
});
