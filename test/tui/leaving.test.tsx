import { afterEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

describe("leaving", () => {
  it("asks what becomes of the engine; Enter keeps it, and the summary says how to come back", async () => {
    const { screen, engine, outcome } = await startUi({ onQuit: "ask" });
    await screen.untilText("debian");
    screen.type("q");
    await screen.untilText("go on in the background");
    screen.type("\r");
    const { exitCode, engine: fate, summary } = await outcome;
    expect([exitCode, fate]).toEqual([0, "kept"]);
    expect(engine.commands).toEqual([{ name: "stay" }]);
    expect(summary.at(-1)).toContain("p2p-tui engine stop");
  });

  it("says of a demo that stopping removes it, and leaves it to the demo to say how to come back", async () => {
    const { screen, outcome } = await startUi({ onQuit: "ask", isDemo: true });
    await screen.untilText("debian");
    screen.type("q");
    await screen.untilText("stop, and remove all of the demo");
    screen.type("k");
    const { engine: fate, summary } = await outcome;
    expect(fate).toBe("kept");
    expect(summary.join("\n")).not.toContain("engine");
  });

  it("goes on where the user wants to stay, and stops the engine where asked to", async () => {
    const { screen, engine, outcome } = await startUi({ onQuit: "ask" });
    await screen.untilText("debian");
    screen.type("q");
    await screen.untilText("Leave?");
    screen.type("n");
    await screen.until((lines) => !lines.join("\n").includes("Leave?"));
    screen.type("qs");
    expect((await outcome).engine).toBe("stopped");
    expect(engine.commands).toEqual([{ name: "shutdown" }]);
  });

  it("does not ask where there is nothing to keep, nor after Ctrl-C", async () => {
    const empty = await startUi({ onQuit: "ask", swarms: [] });
    await empty.screen.untilText("No torrents yet");
    empty.screen.type("q");
    expect(await empty.outcome).toMatchObject({ exitCode: 0, engine: "stopped", summary: [] });
    const interrupted = await startUi({ onQuit: "ask" });
    await interrupted.screen.untilText("debian");
    interrupted.screen.type("\x03");
    expect(await interrupted.outcome).toMatchObject({ exitCode: 130, engine: "stopped" });
    expect(interrupted.engine.commands).toEqual([{ name: "shutdown" }]);
  });

  it("never stops an engine that is to be kept", async () => {
    const { screen, engine, outcome } = await startUi({ onQuit: "keep" });
    await screen.untilText("debian");
    screen.type("q");
    expect((await outcome).engine).toBe("kept");
    expect(engine.commands).toEqual([{ name: "stay" }]);
  });

  it("says so where the engine refuses to go on alone", async () => {
    const { screen, engine } = await startUi({ onQuit: "ask" });
    await screen.untilText("debian");
    engine.refusal = new OperationalError("bad-command", "no such command");
    screen.type("qk");
    await screen.untilText("does not go on alone: no such command");
  });
});
