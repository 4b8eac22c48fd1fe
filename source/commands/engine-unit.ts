/** `engine unit`: a unit for systemd's user manager. */
import { resolve } from "node:path";
import { OperationalError } from "../base/errors.ts";
import { engineArguments } from "./attach.ts";
import { exitCode, type RunCommand } from "./command.ts";
import { engineSettings } from "./engine-settings.ts";
import type { engineUnitSpec } from "./engine-specs.ts";

export const runEngineUnit: RunCommand<typeof engineUnitSpec.options> = async (io, values) => {
  const logPath = values.log === undefined ? undefined : resolve(io.workingDirectory, values.log);
  // The profile by its path: the service manager's environment may lead to another.
  const args = engineArguments(engineSettings(io, values), { lingerSeconds: undefined, logPath });
  io.out(systemdUnit([process.execPath, ...process.execArgv, process.argv[1] ?? "", ...args]));
  return exitCode.done;
};

/** @param command of absolute paths and options. @throws OperationalError where it cannot be written in a unit. */
export function systemdUnit(command: readonly string[]): string {
  return [
    "# Install: save this as ~/.config/systemd/user/p2p-tui.service, then `systemctl --user enable --now p2p-tui`.",
    "# To have it run while you are not logged in, too: `loginctl enable-linger`.",
    "[Unit]",
    "Description=p2p-tui engine",
    "",
    "[Service]",
    `ExecStart=${command.map(unitWord).join(" ")}`,
    "Restart=on-failure",
    "RestartSec=5",
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");
}

/** As systemd.service(5) reads a command line: quotes, `\`, `%` (specifiers) and `$` (variables) are its own. */
function unitWord(word: string): string {
  if (/[\u0000-\u001f\u007f]/.test(word)) {
    throw new OperationalError("bad-path", "a path with control characters cannot be written in a unit");
  }
  const escaped = word.replaceAll("%", "%%").replaceAll("$", () => "$$");
  return /^[\w./:=@,+%$-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, "\\$&")}"`;
}
