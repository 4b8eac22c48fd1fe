/** Our client among the others. */
import { mkdirSync } from "node:fs";
import { type ClientOptions, RealClient } from "./client.ts";
import { ProgramRun } from "./program.ts";

export interface P2pTuiOptions extends ClientOptions {
  /** Further options of the command, e.g. `["--max-down", "5MB"]`. */
  readonly more?: readonly string[];
}

export class P2pTui extends RealClient {
  readonly name = "p2p-tui";
  readonly #more: readonly string[];
  #run: ProgramRun | null = null;

  constructor(options: P2pTuiOptions) {
    super(options);
    this.#more = options.more ?? [];
  }

  start(): void {
    const { role, torrentPath, directory, namespace } = this.options;
    mkdirSync(`${this.work}/profile`);
    const args = [
      ...(role === "seed" ? ["seed"] : ["get", "--seed"]),
      torrentPath,
      ...["--dir", directory, "--port", String(this.port), "--bind", this.address],
      ...["--profile", `${this.work}/profile`, "--json", "--log", `${this.work}/log`],
      ...this.#more,
    ];
    const env = {
      HOME: this.work,
      XDG_RUNTIME_DIR: namespace.runtimeDirectory,
      P2P_TUI_LSD: this.options.isLsdOn === true ? "on" : "off",
    };
    this.#run = new ProgramRun(args, { cwd: this.work, env }, { start: (...how) => namespace.run(...how) });
    this.process = this.#run.process;
  }

  /** Lines of standard output that are not JSON: there must be none. */
  get strayLines(): readonly string[] {
    return this.#run?.strayLines ?? [];
  }

  protected isSeeding(): boolean {
    return this.#run?.last("seeding") !== undefined;
  }

  protected override isComplete(): boolean {
    return this.#run?.last("complete") !== undefined;
  }
}
