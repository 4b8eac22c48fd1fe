/**
 * What a test needs of the machine. A test whose program is missing skips itself and says why; where `CI` is set
 * nothing may be skipped, so that a missing program is a failure.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { libtorrentPython } from "./clients/libtorrent.ts";

function isOnPath(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, "/usr/sbin", "/sbin"].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export function missingPrograms(...programs: readonly string[]): string {
  const missing = programs.filter((program) => !isOnPath(program));
  return missing.length === 0 ? "" : `not installed: ${missing.join(", ")}`;
}

export function libtorrentProblem(): string {
  try {
    execFileSync(libtorrentPython, ["-c", "import libtorrent"], { stdio: "ignore" });
    return "";
  } catch {
    return "not installed: libtorrent for Python (python3-libtorrent)";
  }
}

/**
 * The first of the problems, as a reason to skip, or "" when all is there. Throws in CI, where it is a failure. Prints
 * the reason once, since the runner shows only that something was skipped.
 */
export function reasonToSkip(...problems: readonly string[]): string {
  const problem = problems.find((text) => text !== "") ?? "";
  if (problem !== "" && (process.env["CI"] ?? "") !== "") throw new Error(`needed in CI: ${problem}`);
  if (problem !== "") process.stderr.write(`skipped: ${problem}\n`);
  return problem;
}

/** "" where a mount namespace can be made. */
export function mountProblem(): string {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "pipe" });
    return "";
  } catch {
    return "making a mount namespace needs root";
  }
}
