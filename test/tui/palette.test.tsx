import { afterEach, describe, expect, it } from "vitest";
import { bindingsFor, keyTable } from "../../source/preferences/keymap.ts";
import { torrentViews } from "../../source/preferences/views.ts";
import { paletteMatches } from "../../source/tui/state/palette.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

describe("the palette", () => {
  it("has every command of the table that the help has, besides itself", () => {
    for (const context of ["list", ...torrentViews] as const) {
      const wanted = bindingsFor(keyTable, context).filter(
        (binding) => binding.help !== "" && binding.command !== "palette",
      );
      const shown = paletteMatches(keyTable, context, "");
      expect(new Set(shown)).toEqual(new Set(wanted));
      expect(shown.length).toBe(wanted.length);
      expect(shown[0]?.group).toBe("Torrent");
    }
  });

  it("finds by letters in their order, what is closest first", () => {
    expect(paletteMatches(keyTable, "list", "pause")[0]?.command).toBe("pauseResume");
    expect(paletteMatches(keyTable, "list", "disk")[0]?.command).toBe("recheck");
    expect(paletteMatches(keyTable, "list", "rmdata").map(({ command }) => command)).toContain("removeWithData");
    expect(paletteMatches(keyTable, "list", "R")[0]?.keys).toContain("r");
    expect(paletteMatches(keyTable, "list", "zzzz")).toEqual([]);
    expect(paletteMatches(keyTable, "list", "sort by")[0]?.command).toBe("sort");
  });

  it("runs what is chosen with Enter", async () => {
    const { screen, engine } = await startUi({ opens: true });
    screen.type(":");
    await screen.untilText("Commands");
    screen.type("disk");
    await screen.untilText("check the data");
    screen.type("\r");
    await screen.untilText("checking the data");
    expect(engine.commands.map(({ name }) => name)).toEqual(["recheck"]);
    expect(screen.lines().join("\n")).not.toContain("Commands");
  });

  it("finds settings by their names, too, and shows the one that is chosen", async () => {
    const { screen } = await startUi({ opens: true, settingsFile: '[limits]\ndown = "2 MiB"\n' });
    screen.type(":limits down");
    await screen.untilText("setting limits.down  ");
    expect(screen.lines().join("\n")).toContain("setting limits.alternative.down");
    screen.type("\x1b");
    screen.type(":limits alternative up");
    await screen.untilText("setting limits.alternative.up");
    screen.type("\r");
    await screen.untilText("Settings");
    await screen.untilText("limits.alternative.up:");
    expect(screen.lines().find((line) => line.includes("▌"))).toContain(" up ");
  });

  it("moves with the arrows, says when nothing is like that, and closes with Esc", async () => {
    const { screen, engine } = await startUi({ opens: true });
    screen.type(":view");
    await screen.untilText("next view");
    screen.type("\x1b[B");
    await screen.settled();
    screen.type("\r");
    // The second of them goes the other way round.
    await screen.untilText("Log");
    screen.type(":qqq");
    await screen.untilText("no command or setting is like that");
    screen.type("\r");
    await screen.until((lines) => !lines.join("\n").includes("Commands"));
    screen.type(":");
    await screen.untilText("Commands");
    screen.type("\x1b");
    await screen.until((lines) => !lines.join("\n").includes("Commands"));
    expect(engine.commands).toEqual([]);
  });
});
