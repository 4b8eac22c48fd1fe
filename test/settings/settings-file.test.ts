/** The settings file on a real disk, looked at by a virtual clock. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { defaultSettingsText } from "../../source/settings/default-file.ts";
import { settingsLengthMax } from "../../source/settings/parse-settings.ts";
import { defaultSettings } from "../../source/settings/settings.ts";
import { SettingsFile, type SettingsFileOptions, type SettingsPorts } from "../../source/settings/settings-file.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";

const places = { home: "/home/ada", downloads: "/home/ada/Downloads" };
const defaults = defaultSettings(places);

class FullDisk extends NodeFileSystem {
  override writeFileAtomic(): Promise<void> {
    return Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
  }
}

describe("the settings file", () => {
  let folder = "";
  let path = "";
  let clock = new VirtualClock();
  let told = 0;
  const files = new NodeFileSystem();
  const open: SettingsFile[] = [];

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "p2p-tui-settings-"));
    path = join(folder, "settings.toml");
    clock = new VirtualClock();
    told = 0;
  });

  afterEach(() => {
    for (const file of open.splice(0)) file.close();
    expect(clock.pendingTimers).toBe(0);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const make = (options: Partial<SettingsFileOptions> = {}): SettingsFile => {
    const file = new SettingsFile({ files, clock }, { path, places, ...options });
    open.push(file);
    return file;
  };
  const watched = async (options: Partial<SettingsFileOptions> = {}): Promise<SettingsFile> => {
    const file = make(options);
    await file.load();
    file.watch(() => told++);
    return file;
  };
  const sourceOf = (file: SettingsFile, key: string) => file.states.find(({ entry }) => entry.key === key)?.source;

  it.each([
    ["an address", '[network]\nbind = "127.0.0.1"', false],
    ["none", "", false],
    ["none, said out loud", '[network]\nbind = ""', false],
    ["none, in a file that is no TOML", '# bind = "tun0"\n[downloads', false],
    ["a path that has the word in it", '[downloads]\ndir = "/home/ada/bind"', false],
    ["something else than it takes", "[network]\nbind = 5", true],
    ["an interface, without its table", 'bind = "tun0"', true],
    ["an interface, in a table with a wrong name", '[netwrok]\n"bind" = "tun0"', true],
    ["an interface, in a table on one line", 'network = { bnd = "x", bind= ["tun0"] }', true],
    ["an interface, in a file that is no TOML", '[network]\nbind = "tun0\n', true],
  ])("knows whether it is known what it binds to: %s", async (_, text, isOpen) => {
    fs.writeFileSync(path, text);
    const file = make();
    await file.load();
    expect(file.leavesOpen("network.bind")).toBe(isOpen);
    const told = make({ overrides: { network: { bind: "127.0.0.1" } } });
    await told.load();
    expect(told.leavesOpen("network.bind")).toBe(false);
  });

  it("does not know what it binds to where it cannot be read", async () => {
    const file = make();
    await file.load();
    expect(file.leavesOpen("network.bind")).toBe(false);
    fs.writeFileSync(path, Uint8Array.of(0xff, 0xfe));
    await file.load();
    expect(file.leavesOpen("network.bind")).toBe(true);
    fs.writeFileSync(path, "");
    await file.load();
    expect(file.leavesOpen("network.bind")).toBe(false);
  });

  it("is not needed, nor made by reading", async () => {
    const file = await watched();
    expect(file.settings).toEqual(defaults);
    expect(file.problems).toEqual([]);
    expect(fs.existsSync(path)).toBe(false);
  });

  it("is made with its folders, and changes nothing then", async () => {
    const deep = join(folder, "a/b/settings.toml");
    const file = make({ path: deep });
    await file.load();
    await file.prepare();
    expect(fs.readFileSync(deep, "utf8")).toBe(defaultSettingsText(places));
    expect(file.settings).toEqual(defaults);
    fs.writeFileSync(deep, "[limits]\nup = 7\n");
    await file.prepare();
    expect(fs.readFileSync(deep, "utf8")).toBe("[limits]\nup = 7\n");
  });

  it("is rid of what is left of writes that were killed, and of nothing else", async () => {
    const others = [".settings.toml.swp", ".settings.toml.mine.tmp", ".other.toml.0123456789ab.tmp", "settings.toml"];
    for (const name of [...others, ".settings.toml.0123456789ab.tmp"]) fs.writeFileSync(join(folder, name), "");
    await make().prepare();
    expect(fs.readdirSync(folder).sort()).toEqual([...others].sort());
  });

  it("says why it cannot be made", async () => {
    fs.writeFileSync(join(folder, "a"), "");
    const file = make({ path: join(folder, "a/settings.toml") });
    await file.load();
    await file.prepare();
    expect(file.problems).toEqual([expect.stringMatching(/ENOTDIR|EEXIST/)]);
    expect(file.settings).toEqual(defaults);
  });

  it("gives way to the command line, until the user changes that setting", async () => {
    fs.writeFileSync(path, "[limits]\nup = 7\ndown = 8\n");
    const file = await watched({ overrides: { limits: { up: 1, down: undefined }, network: { port: 0 } } });
    expect(file.settings.limits).toMatchObject({ up: 1, down: 8, slots: 0 });
    expect(file.settings.network.port).toBe(0);
    expect(["limits.up", "limits.down", "limits.slots"].map((key) => sourceOf(file, key))).toEqual([
      "option",
      "file",
      "default",
    ]);
    await file.change([{ key: "limits.up", text: "2MB" }]);
    expect(file.settings.limits.up).toBe(2e6);
    expect(sourceOf(file, "limits.up")).toBe("file");
    expect(file.settings.network.port).toBe(0);
    expect(told).toBe(1);
  });

  it("takes keys that change places together, and none that another command has", async () => {
    const file = await watched();
    const before = file.revision;
    const add = (text: string) => ({ key: "ui.keys.add", text });
    await expect(file.change([add("p")])).rejects.toThrow("ui.keys.add: p means pause-resume already, in the list");
    expect(file.revision).toBe(before);
    expect(fs.existsSync(path)).toBe(false);
    // Also where the file says so already.
    fs.writeFileSync(path, '[ui.keys]\nadd = "p"\n');
    await file.load();
    await expect(file.change([add("p")])).rejects.toThrow("ui.keys.add: p means pause-resume already, in the list");
    fs.writeFileSync(path, defaultSettingsText(places));
    await file.load();
    await file.change([add("p"), { key: "ui.keys.pause-resume", text: "a" }]);
    expect(file.revision).toBeGreaterThan(before);
    expect(file.settings.ui.keys).toMatchObject({ add: "p", pauseResume: "a" });
    // The words beside it stay.
    expect(fs.readFileSync(path, "utf8")).toMatch(/^add = "p" +# add /m);
    await expect(file.change([{ key: "ui.keys.pause-resume", text: "" }])).rejects.toMatchObject({
      code: "bad-setting",
    });
    await file.change([add(""), { key: "ui.keys.pause-resume", text: "" }]);
    expect(file.settings).toEqual(defaults);
  });

  it("changes all that is asked for, or nothing", async () => {
    fs.writeFileSync(path, "# mine\n");
    const file = await watched();
    const good = { key: "queue.seeds", text: "3" };
    for (const [bad, code] of [
      [{ key: "queue.sedes", text: "3" }, "unknown-setting"],
      [{ key: "limits.slots", text: "501" }, "bad-setting"],
      [{ key: "downloads.watch", text: "[1" }, "bad-setting"],
    ] as const) {
      await expect(file.change([good, bad])).rejects.toMatchObject({ code });
    }
    await expect(file.change([{ key: "queue.sedes", text: "3" }])).rejects.toThrow("did you mean queue.seeds?");
    expect(fs.readFileSync(path, "utf8")).toBe("# mine\n");
    expect(file.settings).toEqual(defaults);
    await file.change([good, { key: "downloads.watch", text: "~/Torrents" }]);
    await file.change([{ key: "downloads.start-paused", text: "true" }]);
    expect(fs.readFileSync(path, "utf8")).toBe(
      '# mine\n\n[queue]\nseeds = 3\n\n[downloads]\nwatch = ["/home/ada/Torrents"]\nstart-paused = true\n',
    );
    await file.change([{ key: "queue.seeds", text: "" }]);
    expect(file.settings.queue.seeds).toBe(0);
    const again = await watched();
    expect(again.settings).toEqual(file.settings);
  });

  it("takes changes that are asked for at once one after another", async () => {
    const file = await watched();
    const keys = ["limits.down", "limits.up", "queue.seeds", "queue.downloads", "limits.slots"];
    await Promise.all(keys.map((key, index) => file.change([{ key, text: String(index + 1) }])));
    expect((await watched()).settings).toEqual(file.settings);
    expect(file.settings.limits).toMatchObject({ down: 1, up: 2, slots: 5 });
  });

  it("is not changed where it cannot be used, nor where it cannot be written", async () => {
    const file = await watched();
    const change = () => file.change([{ key: "limits.up", text: "7" }]);
    for (const bytes of [
      Buffer.from("[limits\n"),
      Buffer.from([0xff, 0xfe]),
      Buffer.alloc(settingsLengthMax + 1, 35),
    ]) {
      fs.writeFileSync(path, bytes);
      await expect(change()).rejects.toMatchObject({
        code: "bad-settings-file",
        message: expect.stringContaining(path),
      });
      expect(fs.readFileSync(path).equals(bytes)).toBe(true);
    }
    fs.rmSync(path);
    fs.symlinkSync(join(folder, "elsewhere"), path);
    await expect(change()).rejects.toThrow("leads nowhere");
    fs.rmSync(path);
    fs.mkdirSync(path);
    await expect(change()).rejects.toThrow("not a file");
    expect(file.settings).toEqual(defaults);

    const full = new SettingsFile({ files: new FullDisk(), clock }, { path: join(folder, "full.toml"), places });
    await full.load();
    await expect(full.change([{ key: "limits.up", text: "7" }])).rejects.toMatchObject({
      code: "settings-not-written",
    });
    expect(full.settings).toEqual(defaults);
  });

  it("that is gone is made again with what it said, and not with the defaults of all else", async () => {
    fs.writeFileSync(path, '[network]\nbind = "tun0"\n[limits]\nup = 7 # mine\n');
    const file = await watched();
    fs.rmSync(path);
    for (let look = 0; look < 3; look++) {
      clock.advance(2000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(file.problems).toEqual([expect.stringContaining("it is gone; what it said holds")]);
    await file.change([{ key: "limits.down", text: "9" }]);
    expect(file.settings.network.bind).toBe("tun0");
    expect(file.settings.limits).toMatchObject({ down: 9, up: 7 });
    expect(fs.readFileSync(path, "utf8")).toBe('[network]\nbind = "tun0"\n[limits]\nup = 7 # mine\ndown = 9\n');
    expect(file.problems).toEqual([]);
  });

  it("may be a link, which stays one", async () => {
    const real = join(folder, "dotfiles.toml");
    fs.writeFileSync(real, "[limits]\nup = 7\n");
    fs.symlinkSync(real, path);
    const file = await watched();
    await file.change([{ key: "limits.up", text: "8" }]);
    expect(fs.readFileSync(real, "utf8")).toBe("[limits]\nup = 8\n");
    expect(fs.lstatSync(path).isSymbolicLink()).toBe(true);
  });
});

/** One file, on a disk that answers at once. */
class OneFile implements SettingsPorts {
  readonly clock = new VirtualClock();
  reads = 0;
  #text: string | undefined;
  #writes = 0;

  set text(text: string | undefined) {
    this.#text = text;
    this.#writes++;
  }

  readonly files: SettingsPorts["files"] = {
    realPath: (path) =>
      this.#text === undefined
        ? Promise.reject(Object.assign(new Error("ENOENT"), { code: "ENOENT" }))
        : Promise.resolve(path),
    stat: () =>
      Promise.resolve(
        this.#text === undefined
          ? undefined
          : { kind: "file", length: this.#text.length, allocatedBytes: 0, modifiedMs: this.#writes, identity: "1:1" },
      ),
    readFile: () => {
      this.reads++;
      return Promise.resolve(new TextEncoder().encode(this.#text));
    },
    makeDirectory: () => Promise.resolve(),
    list: () => Promise.resolve([]),
    removeFile: () => Promise.resolve(),
    writeFileAtomic: (_, bytes) => {
      this.text = new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
  };
}

describe("the settings file that is watched", () => {
  let disk = new OneFile();
  let file: SettingsFile;
  let told = 0;

  const begin = async (text: string | undefined): Promise<void> => {
    disk = new OneFile();
    disk.text = text;
    told = 0;
    file = new SettingsFile(disk, { path: "/settings.toml", places });
    await file.load();
    file.watch(() => told++);
  };

  afterEach(async () => {
    file.close();
    await settle();
    expect(disk.clock.pendingTimers).toBe(0);
  });

  it("tells of changes and problems once each, and keeps what held", async () => {
    await begin("[limits]\nup = 7\n");
    const write = async (text: string | undefined): Promise<void> => {
      disk.text = text;
      await disk.clock.run(3000);
    };
    await write("[limits]\nup = 9\ndown = 3\n");
    expect(file.settings.limits).toMatchObject({ up: 9, down: 3 });
    expect(told).toBe(1);
    await write("[limits]\nup = much\n");
    expect(file.settings.limits).toMatchObject({ up: 9, down: 3 });
    expect(file.problems).toEqual([expect.stringMatching(/^\/settings.toml: line 2: /)]);
    expect(told).toBe(2);
    await write('[limits]\nup = "much"\n');
    expect(file.settings.limits).toMatchObject({ up: 9, down: 0 });
    expect(told).toBe(3);
    await write(undefined);
    expect(file.settings.limits.up).toBe(9);
    expect(file.problems).toEqual([expect.stringContaining("it is gone")]);
    expect(told).toBe(4);
    await write("");
    expect(file.settings).toEqual(defaults);
    expect(file.problems).toEqual([]);
    expect(told).toBe(5);
    const { reads } = disk;
    await disk.clock.run(60_000);
    expect(told).toBe(5);
    expect(disk.reads).toBe(reads);
  });

  it("is read only when whoever writes it has finished", async () => {
    await begin("[limits]\nup = 7\n");
    const seen = new Set<number>();
    file.watch(() => seen.add(file.settings.limits.up));
    // A file that is emptied first and then grows.
    for (const text of ["", "", "[lim", "[limits]\n", "[limits]\nup = 8\n", "[limits]\nup = 8\ndown = 1\n"]) {
      disk.text = text;
      await disk.clock.run(200);
    }
    await disk.clock.run(3000);
    expect([...seen]).toEqual([8]);
  });

  it("counts as gone only once it was there", async () => {
    await begin(undefined);
    await disk.clock.run(10_000);
    expect(told).toBe(0);
    disk.text = "[limits]\nup = 7\n";
    await disk.clock.run(3000);
    expect(file.settings.limits.up).toBe(7);
  });

  it("takes what somebody wrote just after a change of ours", async () => {
    await begin("");
    await file.change([{ key: "limits.up", text: "8" }]);
    disk.text = "[limits]\nup = 9\n";
    await disk.clock.run(3000);
    expect(file.settings.limits.up).toBe(9);
  });
});
