/** Another name on the disk, in the list and in Files; and the folder that files are moved to, completed by Tab. */
import { afterEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../source/base/errors.ts";
import { livelySwarm } from "../support/fake-engine.ts";
import { FakeSources } from "../support/fake-sources.ts";
import { closeUis, startUi } from "../support/ui-run.ts";

afterEach(closeUis);

const album = { ...livelySwarm, name: "album", files: ["album/one.flac", "album/two.flac", "album/art/front.jpg"] };

describe.each([
  [60, 15],
  [80, 24],
  [200, 60],
] as const)("on a screen of %i×%i", (...size) => {
  it("a torrent has another name, typed before its ending, and has the old one after U", async () => {
    const { screen, engine } = await startUi({ size });
    await screen.untilText("debian");
    screen.type("N");
    await screen.untilText("Rename this torrent");
    screen.type("-old\r");
    await screen.untilText("renamed debian");
    const { infoHash } = engine.first;
    const renames = () => engine.commands.filter(({ name }) => name === "rename");
    expect(renames()).toEqual([{ name: "rename", infoHash, path: "", to: "debian-13.2.0-amd64-netinst-old.iso" }]);
    screen.type("U");
    await screen.untilText("undone: renamed");
    expect(renames().at(-1)).toEqual({ name: "rename", infoHash, path: "", to: livelySwarm.name });
  });
});

it("the file or folder under the cursor has another name; what is refused is said in the dialog", async () => {
  const { screen, engine } = await startUi({ swarms: [album], opens: true });
  screen.type("4");
  await screen.untilText("one.flac");
  screen.type("N");
  await screen.untilText("Rename this file");
  engine.refusal = new OperationalError("name-taken", "there is a file of that name already");
  screen.type("1\r");
  await screen.untilText("there is a file of that name already");
  screen.type("2\r");
  await screen.untilText("renamed one.flac to one12.flac");
  screen.type("jjN");
  await screen.untilText("Rename this folder");
  screen.type("\x15pictures\r");
  await screen.untilText("renamed art to pictures");
  screen.type("UU");
  await screen.until(() => engine.commands.filter(({ name }) => name === "rename").length === 5);
  const asked = engine.commands.map((command) => (command.name === "rename" ? [command.path, command.to] : []));
  expect(asked.filter((each) => each.length > 0)).toEqual([
    ["album/one.flac", "one1.flac"],
    ["album/one.flac", "one12.flac"],
    ["album/art", "pictures"],
    ["album/pictures", "art"],
    ["album/one12.flac", "one.flac"],
  ]);
});

it("nothing is asked where the name stays as it is, or is left with Esc", async () => {
  const { screen, engine } = await startUi();
  await screen.untilText("debian");
  screen.type("N");
  await screen.untilText("Rename this torrent");
  screen.type("\r");
  await screen.until((lines) => !lines.join("\n").includes("Rename this"));
  screen.type("N");
  await screen.untilText("Rename this torrent");
  screen.type("x\x1b");
  await screen.until((lines) => !lines.join("\n").includes("Rename this"));
  expect(engine.commands).toEqual([]);
});

it("the folder that files go to is completed, and moved back by U", async () => {
  const { screen, engine } = await startUi({ sources: new FakeSources() });
  await screen.untilText("debian");
  screen.type("M");
  await screen.untilText("Move debian");
  screen.type("\x15/data/\t");
  const lines = await screen.untilText("films/");
  expect(lines.join("\n")).toContain("music/");
  screen.type("\t\r");
  await screen.until((now) => now.some((line) => line.includes("/data/music/")));
  screen.type("\r");
  await screen.untilText("copied to another file system");
  screen.type("\r");
  await screen.untilText("moved debian");
  const before = engine.first.row().savePath;
  screen.type("U");
  await screen.untilText("undone: moved debian");
  expect(
    engine.commands.flatMap((command) => (command.name === "move" ? [[command.savePath, command.isDryRun]] : [])),
  ).toEqual([
    ["/data/music/", true],
    ["/data/music/", false],
    [before, false],
  ]);
});

it("a setting that was changed is as it was after U", async () => {
  const { screen, engine } = await startUi({ settingsFile: "[limits]\nslots = 7\n", size: [120, 40] });
  await screen.untilText("debian");
  screen.type(",");
  await screen.untilText("Settings");
  screen.type("/limits.slots\r\r");
  await screen.untilText("limits.slots");
  screen.type("\x159\r");
  await screen.until(() => engine.settings?.file.settings.limits.slots === 9);
  screen.type("\x1b");
  await screen.until((lines) => !lines.join("\n").includes("Settings"));
  screen.type("U");
  await screen.until(() => engine.settings?.file.settings.limits.slots === 7);
});
