/**
 * A network namespace of one test file: real programs run in it and reach nobody else. It has loopback and the addresses
 * 198.18.0.1 … 60 (the benchmark range), because some clients never dial 127.0.0.0/8 and some know one peer per
 * address only. It has no name, so that it goes with its last process, whatever becomes of the test.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ManagedProcess, type ManagedProcessOptions } from "./managed-process.ts";

const addressCount = 60;
const portFirst = 20_000;
const requestTimeoutMs = 10_000;
const answerLengthMax = 16 * 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface HttpQuestion {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** "" where a namespace can be made, else what is in the way. */
export function namespaceProblem(): string {
  if (process.platform !== "linux") return "network namespaces need Linux";
  if (process.getuid?.() !== 0) return "making a network namespace needs root";
  try {
    execFileSync("unshare", ["--net", "ip", "link", "set", "lo", "up"], { stdio: "pipe" });
    return "";
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `cannot make a network namespace: ${text.split("\n")[0]}`;
  }
}

/** "" where a pair of interfaces can be made. */
export function vethProblem(): string {
  const made = spawnSync("unshare", ["--net", "ip", "link", "add", "x0", "type", "veth", "peer", "name", "x1"]);
  return made.status === 0 ? "" : "this kernel has no veth interfaces";
}

export class Namespace {
  /** A new directory that goes with the namespace; readable by all, since some programs drop their privileges. */
  readonly directory: string;
  /** What XDG_RUNTIME_DIR is to name: short, and nobody else's. */
  readonly runtimeDirectory: string;
  readonly #agent: ChildProcess;
  readonly #socketPath: string;
  readonly #processes = new Set<ManagedProcess>();
  #addressNext = 2;
  #portNext = portFirst;

  private constructor(directory: string, agent: ChildProcess, socketPath: string) {
    this.directory = directory;
    this.runtimeDirectory = join(directory, "run");
    mkdirSync(this.runtimeDirectory, { mode: 0o700 });
    this.#agent = agent;
    this.#socketPath = socketPath;
  }

  static async open(): Promise<Namespace> {
    const directory = mkdtempSync(join(tmpdir(), "p2p-interop-"));
    execFileSync("chmod", ["755", directory]);
    const socketPath = join(directory, "agent");
    const agentPath = fileURLToPath(new URL("namespace-agent.ts", import.meta.url));
    const agent = spawn("unshare", ["--net", "--", process.execPath, agentPath, socketPath], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    if (agent.stdout === null) throw new Error("the agent has no output");
    const ended = once(agent, "close").then(([code]) => Promise.reject(new Error(`the agent ended with ${code}`)));
    try {
      await Promise.race([once(agent.stdout, "data"), ended]);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
    // Its end is awaited in `close`; until then it is the tests that notice.
    ended.catch(() => undefined);
    const namespace = new Namespace(directory, agent, socketPath);
    namespace.#configure();
    return namespace;
  }

  /** An address that nobody else has got lately; 198.18.0.1 is never given out. */
  address(): string {
    const address = `198.18.0.${this.#addressNext}`;
    this.#addressNext = this.#addressNext === addressCount ? 2 : this.#addressNext + 1;
    return address;
  }

  /** A port that nobody else has been given. */
  port(): number {
    this.#portNext += 1;
    return this.#portNext;
  }

  /** A new empty directory. */
  folder(name: string): string {
    const path = mkdtempSync(join(this.directory, `${name}-`));
    execFileSync("chmod", ["755", path]);
    return path;
  }

  run(name: string, command: string, args: readonly string[], options: ManagedProcessOptions = {}): ManagedProcess {
    const child = new ManagedProcess(name, "nsenter", this.#enter(command, args), options);
    this.#processes.add(child);
    void child.exited.then(() => this.#processes.delete(child));
    return child;
  }

  /** For short commands only: holds up everything else. */
  runSync(command: string, args: readonly string[]): string {
    return execFileSync("nsenter", this.#enter(command, args), { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** A TCP connection to an address of the namespace. It closes without a word if nobody listens there. */
  connect(host: string, port: number): Socket {
    const socket = connect(this.#socketPath);
    socket.write(`${host} ${port}\n`);
    return socket;
  }

  async http(host: string, port: number, question: HttpQuestion): Promise<HttpAnswer> {
    return await new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host,
          port,
          method: question.method ?? "GET",
          path: question.path,
          headers: { connection: "close", ...question.headers },
          timeout: requestTimeoutMs,
          // Without an agent: one would make its own connection, outside the namespace.
          createConnection: () => this.connect(host, port),
        },
        (incoming) => {
          let body = "";
          incoming.setEncoding("latin1");
          incoming.on("data", (text: string) => {
            body += text;
            if (body.length > answerLengthMax) outgoing.destroy(new Error("answer too long"));
          });
          incoming.on("error", reject);
          incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
      outgoing.on("error", reject);
      outgoing.end(question.body);
    });
  }

  /** Bytes that all have sent over loopback, which all of its addresses are on, so far: headers and all. */
  sentBytes(): number {
    const table = readFileSync(`/proc/${this.#agent.pid}/net/dev`, "utf8");
    return Number(/\blo:\s*(\d+)/.exec(table)?.[1]);
  }

  /** Command lines of what runs in the namespace, the agent aside. */
  commands(): string[] {
    const own = readlinkSync(`/proc/${this.#agent.pid}/ns/net`);
    const found: string[] = [];
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry) || Number(entry) === this.#agent.pid) continue;
      try {
        if (readlinkSync(`/proc/${entry}/ns/net`) !== own) continue;
        found.push(readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim());
      } catch {
        // Gone meanwhile.
      }
    }
    return found;
  }

  /** Stops all that still runs, and removes the directory. */
  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((child) => child.stop()));
    this.#agent.stdin?.end();
    if (this.#agent.exitCode === null) await once(this.#agent, "close");
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }

  #enter(command: string, args: readonly string[]): string[] {
    return ["-t", String(this.#agent.pid), "-n", "--", command, ...args];
  }

  #configure(): void {
    const addresses = Array.from({ length: addressCount }, (_, i) => `198.18.0.${i + 1}`);
    const lines = ["link set lo up", ...addresses.map((a) => `addr add ${a}/32 dev lo`), "addr add fd00::1/128 dev lo"];
    lines.push("addr add fd00::2/128 dev lo", "addr add fd00::3/128 dev lo", "addr add fd00::4/128 dev lo");
    // Kernels that default to BBR halve what loopback carries.
    for (const a of ["127.0.0.1", ...addresses]) {
      lines.push(`route replace local ${a} dev lo table local proto kernel scope host src ${a} congctl cubic`);
    }
    execFileSync("nsenter", this.#enter("ip", ["-force", "-batch", "-"]), {
      input: `${lines.join("\n")}\n`,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }
}
