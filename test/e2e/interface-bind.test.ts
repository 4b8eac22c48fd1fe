/** The built engine bound to a network interface that comes, goes and gets other addresses, in a network of its own. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Namespace, namespaceProblem, vethProblem } from "../support/clients/namespace.ts";
import { buildProblem, programArguments } from "../support/clients/program.ts";
import { waitUntil } from "../support/clients/wait-until.ts";
import { missingPrograms, reasonToSkip } from "../support/requirements.ts";

const problem = reasonToSkip(buildProblem(), missingPrograms("ip", "nsenter"), namespaceProblem(), vethProblem());

/** "" where a pair of interfaces can be made. */
describe.skipIf(problem !== "")(`an engine bound to an interface ${problem}`, () => {
  const [others, listensOn] = ["198.18.0.2", "20002"];
  let net: Namespace;
  let home = "";
  let env: Readonly<Record<string, string>> = {};

  const run = (...args: readonly string[]) => {
    const [command, ...rest] = programArguments(args);
    return spawnSync(command, rest, { env: { ...process.env, ...env }, cwd: home, encoding: "utf8", timeout: 60_000 });
  };
  const json = (...args: readonly string[]): Record<string, unknown> =>
    JSON.parse(run(...args, "--json").stdout.split("\n")[0] ?? "") as Record<string, unknown>;
  const start = (name: string, ...args: readonly string[]) => {
    const [command, ...rest] = programArguments(args);
    net.run(name, command, rest, { env, cwd: home });
  };
  const ip = (words: string) => net.runSync("ip", words.split(" "));
  const up = (address: string) => {
    ip("link add x0 type veth peer name x1");
    ip("link set x1 up");
    ip(`addr add ${address}/24 dev x0`);
    ip("link set x0 up");
  };
  /** Connections that anybody in this network has tried to make. */
  const dialCount = (): number => {
    const [names = "", values = ""] = net
      .runSync("cat", ["/proc/net/snmp"])
      .split("\n")
      .filter((line) => line.startsWith("Tcp:"));
    return Number(values.split(" ")[names.split(" ").indexOf("ActiveOpens")]);
  };
  const listening = () => json("ctl", "stats")["listenAddress"];
  const state = () => json("ctl", "list")["state"];

  beforeAll(async () => {
    net = await Namespace.open();
    home = net.folder("home");
    env = {
      HOME: home,
      XDG_RUNTIME_DIR: net.runtimeDirectory,
      XDG_STATE_HOME: "",
      XDG_CONFIG_HOME: "",
    };
    writeFileSync(
      join(home, "a.bin"),
      new Uint8Array(4_000_000).map((_, i) => (i * 31) >> 3),
    );
    run("create", "a.bin", "-o", "a.torrent", "--tracker", `http://${others}:20003/announce`);
    start("tracker", "track", "--bind", others, "--port", "20003");
    // It has no tracker, so that nobody dials but the engine.
    run("create", "a.bin", "-o", "still.torrent");
    start("seed", "seed", "still.torrent", "--dir", home, "--bind", others, "--port", "20001");
    await waitUntil("the seed listens", 20_000, () => net.runSync("ss", ["-tln"]).includes(`${others}:20001`));
    start("engine", "engine", "run", "--bind", "x0", "--port", listensOn, "--max-down", "200KB");
    await waitUntil("the engine runs", 20_000, () => run("engine", "status").status === 0);
  });

  afterAll(async () => {
    run("engine", "stop");
    await net.close();
  });

  it("has nothing to do with anybody before it is there, then goes on, from whatever address it has", async () => {
    const before = dialCount();
    run("ctl", "add", "a.torrent", "--dir", join(home, "in"), "--peer", `${others}:20001`);
    await waitUntil("it would download", 20_000, () => state() === "downloading");
    await waitUntil("it would announce", 20_000, () =>
      String(json("ctl", "trackers", "a.bin")["message"]).includes("x0"),
    );
    expect(json("ctl", "stats")).toMatchObject({
      listenPort: null,
      listenProblem: "the interface x0 has no address: nothing is connected until it has",
      neighbours: 0,
    });
    expect(dialCount()).toBe(before);

    up("10.99.0.1");
    await waitUntil("it listens there", 20_000, () => listening() === "10.99.0.1");
    await waitUntil("it has a neighbour", 20_000, () => json("ctl", "stats")["neighbours"] === 1);
    await waitUntil("it is announced", 20_000, () => json("ctl", "trackers", "a.bin")["state"] === "working");

    ip("addr del 10.99.0.1/24 dev x0");
    ip("addr add 10.99.0.5/24 dev x0");
    await waitUntil("it listens at the other", 20_000, () => listening() === "10.99.0.5");
    // The other end has to find out that the old line is silent.
    await waitUntil("it has its neighbour again", 90_000, () => json("ctl", "stats")["neighbours"] === 1);
    expect(state()).toBe("downloading");

    ip("link del x0");
    await waitUntil("it is all alone", 20_000, () => listening() === null && json("ctl", "stats")["neighbours"] === 0);
    const then = dialCount();
    run("ctl", "reannounce", "all");
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect([dialCount(), state()]).toEqual([then, "downloading"]);

    up("10.99.0.9");
    await waitUntil("it is complete", 120_000, () => state() === "seeding");
    expect(listening()).toBe("10.99.0.9");
  });
});
