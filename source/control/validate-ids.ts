import type { InfoHash } from "../base/ids.ts";
import { type Check, refuse } from "./check.ts";

export const infoHash: Check<InfoHash> = (value, path) =>
  typeof value === "string" && /^[0-9a-f]{40}$/.test(value) ? (value as InfoHash) : refuse(path, "an info hash");
