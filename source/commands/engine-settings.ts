/** From the options that all commands with an engine share to the engine's settings. */
import type { CommandIo } from "./command.ts";
import { profileDirectory } from "./directories.ts";
import type { EngineSettings } from "./host-engine.ts";

export interface EngineOptionValues {
  readonly port: number | undefined;
  readonly bind: string | undefined;
  readonly "max-down": number | undefined;
  readonly "max-up": number | undefined;
  readonly slots: number | undefined;
  readonly profile: string | undefined;
  readonly log: string | undefined;
}

export function engineSettings(io: CommandIo, values: EngineOptionValues): EngineSettings {
  return {
    profile: profileDirectory(io, values.profile),
    port: values.port,
    bind: values.bind,
    maxDownRate: values["max-down"],
    maxUpRate: values["max-up"],
    slots: values.slots,
  };
}
