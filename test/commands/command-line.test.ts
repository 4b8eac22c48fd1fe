import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands, groups } from "../../source/commands/command-list.ts";
import * as engineSpecs from "../../source/commands/engine-specs.ts";
import { rate, trackerUrl, wholeNumber } from "../../source/commands/option-parsers.ts";
import { parseOptions, UsageError } from "../../source/commands/option-table.ts";
import { runCommandLine } from "../../source/commands/run.ts";
import * as specs from "../../source/commands/specs.ts";
import { unknownCommand } from "../../source/commands/unknown-command.ts";
import { version } from "../../source/commands/version.ts";
import { FakeIo } from "./fake-io.ts";

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly io: FakeIo }> {
  const io = new FakeIo();
  return { code: await runCommandLine(args, io), io };
}

const shown = [
  specs.getSpec,
  specs.seedSpec,
  specs.createSpec,
  specs.infoSpec,
  specs.verifySpec,
  specs.trackSpec,
  specs.demoSpec,
  specs.completionsSpec,
  engineSpecs.engineStartSpec,
  engineSpecs.engineStopSpec,
  engineSpecs.engineStatusSpec,
  engineSpecs.engineUnitSpec,
  engineSpecs.engineRunSpec,
  ...commands.filter(({ name }) => name.startsWith("ctl ")),
];

describe("help", () => {
  it.each(shown)("of $name says how it is used, names every option, and gives examples", async (spec) => {
    const { code, io } = await run(...spec.name.split(" "), "--help");
    expect(code).toBe(0);
    expect(io.errText).toBe("");
    expect(io.outText.startsWith(`Usage: p2p-tui ${spec.name}`)).toBe(true);
    expect(io.outText).toContain(spec.description);
    for (const name of Object.keys(spec.options)) expect(io.outText).toContain(`--${name}`);
    for (const [command] of spec.examples) expect(io.outText).toContain(`  ${command}\n`);
    expect(spec.examples.length).toBeGreaterThan(0);
    expect((await run("help", ...spec.name.split(" "))).io.outText).toBe(io.outText);
    for (const line of io.outText.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });

  it("of the program lists every command but those that it keeps for itself", async () => {
    const { code, io } = await run("--help");
    expect(code).toBe(0);
    for (const { name, summary } of [...shown.filter((spec) => !spec.name.includes(" ")), ...groups])
      expect(io.outText).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
    expect(io.outText).not.toMatch(/^ {2}(engine run|demo-swarm|open)/m);
    for (const name of Object.keys(specs.openSpec.options)) expect(io.outText).toContain(`--${name}`);
    expect((await run("help")).io.outText).toBe(io.outText);
  });

  it.each(groups)("of $name lists its commands", async ({ name }) => {
    const { code, io } = await run(name, "--help");
    expect(code).toBe(0);
    for (const spec of commands.filter((each) => each.name.startsWith(`${name} `)))
      expect(io.outText).toMatch(new RegExp(`^  ${spec.name} +${spec.summary}$`, "m"));
    expect((await run("help", name)).io.outText).toBe(io.outText);
  });

  it("is not given for a command that there is not", async () => {
    const { code, io } = await run("help", "frob");
    expect([code, io.outText]).toEqual([2, ""]);
    expect(io.errText).toBe('p2p-tui: there is no command "frob"\nTry `p2p-tui --help`.\n');
  });

  it("comes before anything that is wrong with the arguments", async () => {
    expect((await run("get", "-h")).code).toBe(0);
    expect((await run("track", "surplus", "--help")).code).toBe(0);
  });
});

describe("the command line", () => {
  it("knows its version", async () => {
    const { code, io } = await run("--version");
    expect(code).toBe(0);
    expect(io.outText).toBe(`p2p-tui ${version}\n`);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each([
    [["get"], "get needs TORRENT"],
    [["info", "a", "b"], "one argument only"],
    [["track", "x"], "takes no arguments"],
    [["get", "a.torrent", "--nonsense"], "--nonsense"],
    [["get", "a.torrent", "--dirr", "y"], "Unknown option '--dirr'; did you mean --dir?"],
    [["get", "a.torrent", "--port"], "--port"],
    [["get", "a.torrent", "--port", "70000"], '--port: "70000" is not a whole number from 0 to 65535'],
    [
      ["get", "a.torrent", "--bind", "localhost"],
      '--bind: "localhost" is not an IP address or the name of a network interface',
    ],
    [["get", "a.torrent", "--peer", "host"], '--peer: "host" is not HOST:PORT'],
    [["get", "a.torrent", "--max-down", "fast"], '--max-down: "fast" is not a size'],
    [["get", "a.torrent", "--slots", "501"], "--slots"],
    [["get", "a.torrent", "--seed=yes"], "--seed"],
    [["create", "x", "--piece-length", "100000"], "power of two"],
    [["create", "x", "--tracker", "ftp://h/"], "http, https or udp"],
    [["engine"], "engine needs one of start, stop, status"],
    [["engine", "begin"], 'engine has no command "begin", only start,'],
    [["engine", "stopp"], 'engine has no command "stopp"; did you mean `p2p-tui engine stop`?'],
    [["ctl", "lst"], 'ctl has no command "lst"; did you mean `p2p-tui ctl list`?'],
    [["ctl"], "ctl needs one of list, add"],
    [["ctl", "--json"], "ctl needs one of list, add"],
    [["ctl", "--profile", "list"], "ctl needs one of list, add"],
  ])("says in a sentence what is wrong with %j", async (args, part) => {
    const { code, io } = await run(...args);
    expect(code).toBe(2);
    expect(io.outText).toBe("");
    const [sentence, hint, end] = io.errText.split("\n");
    expect(sentence).toMatch(/^p2p-tui: /);
    expect(sentence).toContain(part);
    expect(hint).toBe(`Try \`p2p-tui ${args[0]} --help\`.`);
    expect(end).toBe("");
  });

  it.each([
    [["ctl", "pause"], "ctl pause needs TORRENT"],
    [["ctl", "move", "photos"], "ctl move needs DIR"],
    [["ctl", "set"], "--max-down or --max-up"],
    [["ctl", "add", "-", "-"], "once only"],
    [["ctl", "remove", "abc", "--with-data"], "it needs --yes"],
    [["ctl", "files", "a", "b"], "one argument only"],
    [["engine", "start", "--peer", "127.0.0.1:1"], "--peer"],
  ])("says what is wrong with %j before it looks for an engine", async (args, part) => {
    const { code, io } = await run(...args);
    expect(code).toBe(2);
    expect(io.errText).toContain(part);
    expect(io.errText).toContain(`Try \`p2p-tui ${args[0]} ${args[1]} --help\`.`);
  });

  it("takes a command's options before its name as well", async () => {
    const { code, io } = await run("ctl", "--profile", "pause", "--json", "files", "a", "b");
    expect(code).toBe(2);
    expect(io.errText).toContain("one argument only");
    expect(io.errText).toContain("Try `p2p-tui ctl files --help`.");
  });

  it.each([
    ["list", "ctl list"],
    ["lst", "ctl list"],
    ["crate", "create"],
    ["start", "engine start"],
  ])("says what may be meant by %s, which is neither a command nor a file", async (word, command) => {
    const { code, io } = await run(word, "--profile", "somewhere");
    expect(code).toBe(2);
    const sentence = `there is neither a command nor a file "${word}"; did you mean \`p2p-tui ${command}\`?`;
    expect(io.errText).toBe(`p2p-tui: ${sentence}\nTry \`p2p-tui --help\`.\n`);
  });

  it("takes a word for a file where there is one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "p2p-words-"));
    await writeFile(join(folder, "list"), "");
    expect(unknownCommand("list", commands, folder)).toBeUndefined();
    expect(unknownCommand("lists", commands, folder)).toContain("p2p-tui ctl list");
    await rm(folder, { recursive: true });
  });

  it("wants a terminal for the UI, and names what works without", async () => {
    const { code, io } = await run();
    expect(code).toBe(2);
    expect(io.errText).toContain("`p2p-tui get`");
  });

  it("fails with one sentence on what cannot be done, and tells a script", async () => {
    for (const [source, part] of [
      ["/nowhere/a.torrent", "cannot read /nowhere/a.torrent: there is no such file"],
      ["/", "cannot read /: it is a directory"],
      ["magnet:?xt=urn:btih:0000", "a valid magnet link"],
      ["MAGNET:?xt=urn:btih:0000", "a valid magnet link"],
      ["http://127.0.0.1:1/a.torrent", "cannot fetch http://127.0.0.1:1/a.torrent"],
    ] as const) {
      const { code, io } = await run("info", source);
      expect(code, source).toBe(1);
      expect(io.errText, source).toMatch(/^p2p-tui: .*\n$/);
      expect(io.errText).toContain(part);
    }
    const { code, io } = await run("verify", "/nowhere/a.torrent", "--json");
    expect(code).toBe(1);
    expect(io.events).toMatchObject([{ event: "error", code: "ENOENT" }]);
  });

  it("shows nothing of a name that could steer a terminal", async () => {
    const { io } = await run("info", "/nowhere/\x1b]0;owned\x07.torrent");
    expect(io.errText).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });
});

describe("options", () => {
  const table = {
    flag: { kind: "flag", short: "f", help: "" },
    size: { kind: "value", placeholder: "N", parse: rate, help: "" },
    url: { kind: "list", placeholder: "URL", parse: trackerUrl, help: "" },
  } as const;

  it("are typed, and absent where they were not given", () => {
    expect(parseOptions(table, [])).toEqual({ values: { flag: false, size: undefined, url: [] }, positionals: [] });
    const { values, positionals } = parseOptions(table, [
      "a",
      "-f",
      "--size=2MB",
      "--url",
      "udp://t:1/a",
      "--url",
      "http://t/",
    ]);
    expect(values).toEqual({ flag: true, size: 2_000_000, url: ["udp://t:1/a", "http://t/"] });
    expect(positionals).toEqual(["a"]);
  });

  it("end at --, so that a file may be called anything", () => {
    expect(parseOptions(table, ["--", "--flag"])).toMatchObject({ values: { flag: false }, positionals: ["--flag"] });
  });

  it("are refused when unknown, however they are spelt", () => {
    for (const args of [["--sise", "1"], ["-x"], ["--no-flag"], ["--size"], ["--__proto__"], ["--constructor"]])
      expect(() => parseOptions(table, args), args.join(" ")).toThrow(UsageError);
  });

  it("have numbers in plain decimals only", () => {
    const parse = wholeNumber(0, 100);
    expect(parse("0")).toBe(0);
    expect(parse("100")).toBe(100);
    for (const text of ["", "-1", "101", "1e1", "0x10", "1.0", " 1", "NaN", "９"])
      expect(() => parse(text), text).toThrow();
  });
});
