/** A torrent to measure with: in memory where that is, made by our own program, gone with the process. */
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programArguments } from "../support/clients/program.ts";
import { singleFile, writePayload } from "../support/payload.ts";
import { endsWithUs } from "./pty-run.ts";

export interface BenchTorrent {
  /** Of all files of this run. */
  readonly home: string;
  readonly torrentPath: string;
  readonly payloadPath: string;
}

/** @param tracker its announce URL. Default: none. */
export function makeBenchTorrent(mebibytes: number, pieceLength: number, tracker?: string): BenchTorrent {
  const home = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "p2p-bench-"));
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  const torrentPath = join(home, "content.torrent");
  writePayload(home, singleFile("content", mebibytes * 2 ** 20), "bench");
  const payloadPath = join(home, "content");
  const [node, ...create] = programArguments(["create", payloadPath, "-o", torrentPath]);
  if (tracker !== undefined) create.push("--tracker", tracker);
  execFileSync(node, [...create, "--piece-length", `${pieceLength}`]);
  return { home, torrentPath, payloadPath };
}

/** What serving-seed.ts tells: bytes of blocks since it began, and its clock. */
export interface Served {
  readonly bytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly ms: number;
}

export class ServingSeed {
  readonly #process: ChildProcess;
  readonly host: string;
  readonly port: Promise<number>;

  /** @param host of loopback, to listen on: of several each needs its own. */
  constructor({ torrentPath, payloadPath }: BenchTorrent, host = "127.0.0.1") {
    this.host = host;
    const program = fileURLToPath(new URL("serving-seed.ts", import.meta.url));
    this.#process = fork(program, [torrentPath, payloadPath, host]);
    endsWithUs(this.#process);
    this.port = once(this.#process, "message").then(([{ port }]) => port as number);
  }

  async served(): Promise<Served> {
    this.#process.send("");
    return (await once(this.#process, "message"))[0] as Served;
  }

  close(): void {
    this.#process.kill();
  }
}
