/** Finds every process that a test has started, however far removed, by a mark in its environment (Linux). */
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

export interface Mark {
  /** To be merged into the environment of what the test starts. */
  readonly environment: Readonly<Record<string, string>>;
  /** Command lines, with the process id in front, of what runs now. */
  running(): string[];
  /** Ends all of it at once. */
  killAll(): void;
}

export function newMark(): Mark {
  const value = randomUUID();
  const pids = (): number[] => {
    const found: number[] = [];
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        if (readFileSync(`/proc/${entry}/environ`, "latin1").includes(value)) found.push(Number(entry));
      } catch {
        // Gone, or somebody else's.
      }
    }
    return found;
  };
  return {
    environment: { P2P_TUI_TEST_MARK: value },
    running: () =>
      pids().flatMap((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
          // A process that has ended but is not collected yet has no command line any more.
          return command === "" ? [] : [`${pid} ${command}`];
        } catch {
          return [];
        }
      }),
    killAll: () => {
      for (const pid of pids()) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone meanwhile.
        }
      }
    },
  };
}
