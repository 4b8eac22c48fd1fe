/** Tells one run of the machine from another: what is in memory only is lost between two. */
import { readFileSync } from "node:fs";

/** @returns "" where the system does not say. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}
