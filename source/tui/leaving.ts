/** How the UI ends: what becomes of the engine, and what the terminal is left with. Ends once. */
import { messageOf } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import type { ControllerOptions, Outcome } from "./controller-options.ts";
import type { EngineLink } from "./engine-link.ts";
import type { Store } from "./state/store.ts";
import { type EngineFate, engineLines, summaryLines } from "./summary.ts";

export interface LeavingOptions extends Pick<ControllerOptions, "onQuit" | "tellsFate" | "profileOption"> {
  readonly store: Store;
  readonly link: EngineLink;
  readonly refused: (message: string) => void;
  /** Lets go of everything. */
  readonly close: () => void;
}

/** Stopping an engine announces to every tracker; after this it is left to itself. */
const stopTimeoutMs = 10_000;

export class Leaving {
  readonly #options: LeavingOptions;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;
  #exitCode = 0;
  #isKeeping = false;
  #isOver = false;
  #resolveOutcome: (outcome: Outcome) => void = () => {};
  /** Settles when the user is done. */
  readonly outcome: Promise<Outcome>;

  constructor(options: LeavingOptions) {
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
  }

  /** From the list: asks where there is something to decide. */
  quit(): void {
    const { store, onQuit } = this.#options;
    const { list, connection } = store.state;
    const mustAsk = onQuit === "ask" && list.rows.size > 0 && connection.kind === "open";
    if (mustAsk) store.dispatch({ type: "askQuit" });
    else this.leave(0);
  }

  /** Leaves once the engine knows that it is to go on alone. Where it refuses, the user stays and reads why. */
  async keep(exitCode: number): Promise<void> {
    const { store, link, refused } = this.#options;
    store.dispatch({ type: "closeOverlay" });
    if (link.isOpen) {
      this.#isKeeping = true;
      try {
        await link.ask({ name: "stay" });
      } catch (error) {
        this.#isKeeping = false;
        refused(`the engine does not go on alone: ${messageOf(error)}`);
        return;
      }
    }
    if (this.#isOver) return;
    this.#exitCode = exitCode;
    this.end();
  }

  /** The first time it stops the engine in order (or has it stay); the second time it does not wait for that. */
  leave(exitCode: number): void {
    if (this.#isOver) return;
    const { store, link, onQuit } = this.#options;
    const isLeaving = store.state.connection.kind === "leaving";
    if (onQuit === "keep" && !this.#isKeeping && link.isOpen) {
      void this.keep(exitCode);
      return;
    }
    if (isLeaving || !link.isOpen || this.#isKeeping) {
      if (!isLeaving) this.#exitCode = exitCode;
      this.end();
      return;
    }
    this.#exitCode = exitCode;
    store.dispatch({ type: "leaving" });
    this.#stopTimer = setTimeout(() => this.end(), stopTimeoutMs);
    const end = (): void => this.end();
    link.ask({ name: "shutdown" }).then(end, end);
  }

  end(): void {
    if (this.#isOver) return;
    const outcome = { exitCode: this.#exitCode, engine: this.#fate(), summary: this.#summary() };
    this.close();
    this.#options.close();
    this.#resolveOutcome(outcome);
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#stopTimer);
  }

  #fate(): EngineFate {
    const { store, onQuit } = this.#options;
    if (store.state.connection.kind === "lost") return "lost";
    return this.#isKeeping || onQuit === "keep" ? "kept" : "stopped";
  }

  #summary(): readonly string[] {
    const { store, tellsFate, profileOption } = this.#options;
    const { connection, list } = store.state;
    const lines: string[] = [];
    if (connection.kind === "lost") lines.push(`the engine is gone: ${sanitise(connection.reason)}`);
    lines.push(...summaryLines([...list.rows.values()]));
    if (tellsFate) lines.push(...engineLines(this.#fate(), list.rows.size, profileOption));
    return lines;
  }
}
