/** The package as a stranger gets it: packed, installed into an empty prefix, and used. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ManagedProcess } from "../support/clients/managed-process.ts";
import { buildProblem, projectFolder } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { differences, folder, writePayload } from "../support/payload.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";

const run = promisify(execFile);
const installTimeoutMs = 170_000;

/** The tarball's dependencies come from wherever npm is set up to get packages. */
function registryProblem(): string {
  try {
    execFileSync("npm", ["view", "ws", "name"], { stdio: "pipe", timeout: 20_000, cwd: tmpdir() });
    return "";
  } catch {
    return "npm reaches no registry";
  }
}

const reason = reasonToSkip(missingPrograms("npm"), buildProblem(), registryProblem());

describe.skipIf(reason !== "")(`the packed package ${reason}`, () => {
  const home = reason === "" ? mkdtempSync(join(tmpdir(), "p2p-pack-")) : "";
  const prefix = join(home, "prefix");
  const bin = join(prefix, "bin", "p2p-tui");
  // The program's first line asks for `node`: the one that runs these tests, whatever the system has.
  const path = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  const env = { ...process.env, PATH: path, HOME: home, XDG_RUNTIME_DIR: home };
  const installed = join(prefix, "lib", "node_modules", "p2p-tui");
  let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] } | undefined;

  beforeAll(async () => {
    // npm keeps its own settings: only the program's home is another.
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", home], { cwd: projectFolder });
    const answer = JSON.parse(stdout.slice(stdout.indexOf("[\n"))) as (typeof packed)[];
    packed = answer[0];
    mkdirSync(prefix);
    const tarball = join(home, packed?.filename ?? "");
    await run("npm", ["install", "--global", "--prefix", prefix, tarball], { cwd: home, timeout: installTimeoutMs });
  }, installTimeoutMs);
  afterAll(() => {
    if (home !== "") rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  test("holds the program, the README and the licence, and nothing else", () => {
    const paths = packed?.files.map((file) => file.path) ?? [];
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", "dist/p2p-tui.js"]));
    expect(paths.filter((file) => !/^(LICENSE|README\.md|package\.json|dist\/.*)$/.test(file))).toEqual([]);
  });

  test("brings only runtime dependencies, none of them compiled on the spot", () => {
    const names = existsSync(join(installed, "node_modules")) ? readdirSync(join(installed, "node_modules")) : [];
    expect(names).not.toEqual(expect.arrayContaining(["typescript"]));
    expect(names).not.toEqual(expect.arrayContaining(["esbuild"]));
    expect(names).not.toEqual(expect.arrayContaining(["vitest"]));
    const all = readdirSync(installed, { recursive: true, encoding: "utf8" });
    expect(all.filter((name) => name.endsWith(".node") || name.endsWith("binding.gyp"))).toEqual([]);
  });

  test("says its version", async () => {
    const { stdout } = await run(bin, ["--version"], { env });
    const { stdout: wanted } = await run("node", ["-p", "require('./package.json').version"], { cwd: projectFolder });
    expect(stdout).toContain(wanted.trim());
  });

  test("makes a torrent, describes it, and takes its content from one process to another", async () => {
    const payload = writePayload(join(home, "content"), folder("packed", 3_000_001), "pack");
    const torrent = join(home, "packed.torrent");
    await run(
      bin,
      ["create", join(payload.parent, payload.name), "-o", torrent, "--tracker", "http://127.0.0.1:9/announce"],
      {
        env,
      },
    );
    expect(statSync(torrent).size).toBeGreaterThan(0);
    const { stdout: described } = await run(bin, ["info", torrent], { env });
    expect(described).toContain("packed");
    expect(described).toContain("http://127.0.0.1:9/announce");
    const place = (name: string): string[] => ["--profile", join(home, `profile-${name}`), "--bind", "127.0.0.1"];
    let port = 0;
    const seedArgs = ["seed", torrent, "--dir", payload.parent, ...place("seed"), "--port", "0", "--json"];
    const seed = new ManagedProcess("seed", bin, seedArgs, {
      env: { PATH: path, HOME: home, XDG_RUNTIME_DIR: home },
      onLine: (line) => {
        const event = JSON.parse(line) as { event: string; port?: number };
        if (event.event === "listening") port = event.port ?? 0;
      },
    });
    try {
      await waitUntil(
        "the seed listens",
        30_000,
        () => port > 0,
        () => seed.logTail,
      );
      const download = join(home, "download");
      const peer = ["--peer", `127.0.0.1:${port}`, "--port", "0"];
      await run(bin, ["get", torrent, "--dir", download, ...place("leech"), ...peer], { env, timeout: 60_000 });
      expect(differences(payload, download)).toEqual([]);
    } finally {
      expect(await seed.stop(), seed.logTail).toBe(0);
    }
  });
});
