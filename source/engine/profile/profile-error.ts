import { codeOf, OperationalError } from "../../base/errors.ts";
import { diskErrorOf } from "../../storage/disk-error.ts";

/**
 * What the profile's disk says, told apart from what a download's own says: they may be two, and room on one is none on the
 * other. What is no disk's stays as it is.
 * @param what could not be written, or read, for people.
 */
export function profileError(error: unknown, what: string, action: "write" | "read" = "write"): unknown {
  if (!(error instanceof OperationalError) && !/^E[A-Z0-9]+$/.test(codeOf(error))) return error;
  return new OperationalError("profile-failed", diskErrorOf(error, action, what).message, { cause: error });
}
