import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadDirectory, makeProfile, profileDirectory, userDirectory } from "../../source/commands/directories.ts";
import { FakeIo } from "./fake-io.ts";

let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "p2p-tui-test-"));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

describe("the download directory", () => {
  it("is what the desktop says, else Downloads", async () => {
    const io = new FakeIo({ home });
    expect(downloadDirectory(io)).toBe(join(home, "Downloads"));
    await mkdir(join(home, ".config"));
    await writeFile(
      join(home, ".config/user-dirs.dirs"),
      '# comment\nXDG_DESKTOP_DIR="$HOME/Desktop"\nXDG_DOWNLOAD_DIR="$HOME/Laden"\n',
    );
    expect(downloadDirectory(io)).toBe(join(home, "Laden"));
    io.environment.XDG_CONFIG_HOME = join(home, "elsewhere");
    expect(downloadDirectory(io)).toBe(join(home, "Downloads"));
  });

  it("understands the file's few forms and no others", () => {
    const parse = (line: string) => userDirectory(line, "/home/a");
    expect(parse('XDG_DOWNLOAD_DIR="/data/in"')).toBe("/data/in");
    expect(parse('XDG_DOWNLOAD_DIR="$HOME"')).toBe("/home/a");
    expect(parse('XDG_DOWNLOAD_DIR="$HOME/a \\"b\\""')).toBe('/home/a/a "b"');
    expect(parse('XDG_DOWNLOAD_DIR="/one"\nXDG_DOWNLOAD_DIR="/two"')).toBe("/two");
    for (const line of [
      "",
      '#XDG_DOWNLOAD_DIR="/x"',
      'XDG_DOWNLOAD_DIR="relative"',
      'XDG_DOWNLOAD_DIR="$HOMER/x"',
      "XDG_DOWNLOAD_DIR=/x",
    ])
      expect(parse(line), line).toBeUndefined();
  });
});

describe("the profile", () => {
  it("follows the option, then XDG_STATE_HOME, then the home directory", () => {
    const io = new FakeIo({ home, workingDirectory: "/here" });
    expect(profileDirectory(io, undefined)).toBe(join(home, ".local/state/p2p-tui"));
    io.environment.XDG_STATE_HOME = "relative";
    expect(profileDirectory(io, undefined)).toBe(join(home, ".local/state/p2p-tui"));
    io.environment.XDG_STATE_HOME = "/state";
    expect(profileDirectory(io, undefined)).toBe("/state/p2p-tui");
    expect(profileDirectory(io, "mine")).toBe("/here/mine");
  });

  it("can be entered by its owner only", async () => {
    const profile = join(home, "a/b");
    await makeProfile(profile);
    await makeProfile(profile);
    expect((await stat(profile)).mode & 0o777).toBe(0o700);
    await writeFile(join(home, "file"), "");
    await expect(makeProfile(join(home, "file"))).rejects.toMatchObject({ code: "profile" });
  });
});
