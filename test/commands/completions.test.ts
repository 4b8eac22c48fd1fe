import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands, groups } from "../../source/commands/command-list.ts";
import { completedProgram, nextWords } from "../../source/commands/completions/model.ts";
import { runCommandLine } from "../../source/commands/run.ts";
import { FakeIo } from "./fake-io.ts";

async function scriptFor(shell: string): Promise<string> {
  const io = new FakeIo();
  expect(await runCommandLine(["completions", shell], io)).toBe(0);
  expect(io.errText).toBe("");
  return io.outText;
}

const has = (program: string): boolean => spawnSync(program, ["-c", "true"]).status === 0;
const visible = commands.filter(({ isHidden }) => isHidden !== true);

describe("completions", () => {
  it("are for three shells", async () => {
    const io = new FakeIo();
    expect(await runCommandLine(["completions", "tcsh"], io)).toBe(2);
    expect(io.errText).toContain('completions are for bash, zsh, fish, not for "tcsh"');
  });

  it.each(["bash", "zsh", "fish"])("of %s know every command and option, and nothing hidden", async (shell) => {
    const script = await scriptFor(shell);
    for (const spec of visible) {
      for (const name of Object.keys(spec.options))
        expect(script).toContain(shell === "fish" ? `-l ${name}` : `--${name}`);
      if (spec.name !== "open") for (const word of spec.name.split(" ")) expect(script).toContain(word);
    }
    expect(script).not.toContain("demo-swarm");
  });

  it.each(["bash", "zsh", "fish"])("of %s are right in its own eyes", async (shell) => {
    const script = await scriptFor(shell);
    // Each has `-n`: read, do not run. What is not installed cannot look.
    if (has(shell)) expect(execFileSync(shell, ["-n"], { input: script, encoding: "utf8" })).toBe("");
    const quotes = script.replaceAll("\\'", "").split("'").length - 1;
    expect(quotes % 2).toBe(0);
  });

  it("name each command once", () => {
    const program = completedProgram(commands, groups);
    const words = nextWords(program).map(([word]) => word);
    expect(new Set(words).size).toBe(words.length);
    expect(words).toEqual(expect.arrayContaining(["get", "engine", "ctl", "completions"]));
    expect(nextWords(program, "engine").map(([word]) => word)).toEqual(["start", "stop", "status", "unit", "run"]);
  });
});

describe.skipIf(!has("bash"))("bash", () => {
  const folder = mkdtempSync(join(tmpdir(), "p2p-tui-completions-"));
  let script = "";

  beforeAll(async () => {
    script = await scriptFor("bash");
    mkdirSync(join(folder, "some folder"));
    mkdirSync(join(folder, "other"));
    // What asks the running engine.
    const program = join(folder, "p2p-tui");
    writeFileSync(program, `#!/bin/sh\n[ "$*" = "ctl names" ] && printf 'debian 13.iso\\nfilm\\n'\n`, { mode: 0o755 });
    for (const name of ["a.torrent", "b c.torrent", "note.txt"]) writeFileSync(join(folder, name), "");
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What bash offers for the last word, asked as it asks itself: by the function that is registered. */
  const offers = (...words: readonly string[]): readonly string[] => {
    const run = `
      set -u
      source /dev/stdin <<< "$SCRIPT"
      read -r -a registered <<< "$(complete -p p2p-tui)"
      [[ \${registered[1]} == -F && \${registered[3]} == p2p-tui ]] || exit 9
      COMP_WORDS=(./p2p-tui "$@")
      COMP_CWORD=$#
      COMP_LINE="\${COMP_WORDS[*]}"
      COMP_POINT=\${#COMP_LINE}
      "\${registered[2]}" ./p2p-tui "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
      ((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}"
      true`;
    const text = execFileSync("bash", ["--norc", "-c", run, "bash", ...words], {
      cwd: folder,
      env: { ...process.env, SCRIPT: script },
      encoding: "utf8",
    });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  };

  it("offers commands, directories and .torrent files first", () => {
    const first = offers("");
    expect(first).toEqual(expect.arrayContaining(["get", "ctl", "engine", "a.torrent", "b c.torrent", "some folder"]));
    expect(first).not.toContain("note.txt");
    expect(first).not.toContain("open");
    expect(offers("comp")).toEqual(["completions"]);
    expect(offers("b")).toEqual(["b c.torrent"]);
  });

  it("offers the commands of a group, and then their options", () => {
    expect(offers("engine", "st")).toEqual(["start", "status", "stop"]);
    expect(offers("ctl", "re")).toEqual(["reannounce", "recheck", "remove", "rename", "restore", "resume"]);
    expect(offers("ctl", "remove", "--w")).toEqual(["--with-data"]);
    expect(offers("ctl", "list", "--")).toEqual(["--help", "--json", "--profile"]);
    expect(offers("--d")).toEqual(["--dir"]);
  });

  it("offers what an option takes, after a space or `=`", () => {
    expect(offers("get", "--dir", "o")).toEqual(["other"]);
    expect(offers("get", "--dir", "=", "so")).toEqual(["some folder"]);
    expect(offers("get", "--dir", "=")).toEqual(["other", "some folder"]);
    expect(offers("get", "-d", "n")).toEqual([]);
    expect(offers("get", "--log", "n")).toEqual(["note.txt"]);
    expect(offers("get", "--port", "")).toEqual([]);
  });

  it("offers the arguments that a command takes", () => {
    expect(offers("info", "a")).toEqual(["a.torrent"]);
    expect(offers("create", "n")).toEqual(["note.txt"]);
    expect(offers("completions", "")).toEqual(["bash", "fish", "zsh"]);
    expect(offers("ctl", "pause", "")).toEqual(["all", "debian\\ 13.iso", "film"]);
    expect(offers("ctl", "files", "deb")).toEqual(["debian\\ 13.iso"]);
    expect(offers("ctl", "queue", "film", "t")).toEqual(["top"]);
    expect(offers("ctl", "list", "la")).toEqual(["label:"]);
    expect(offers("track", "")).toEqual([]);
    expect(offers("a.torrent", "--max-")).toEqual(["--max-down", "--max-up"]);
  });
});
