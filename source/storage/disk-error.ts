/** What the system says of a disk, as one sentence for people and a code for the engine. */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";

export type DiskErrorCode =
  | "disk-full"
  | "read-only"
  | "permission"
  | "io-error"
  | "missing"
  | "unsafe-path"
  | "closed"
  | "busy";

export function diskError(code: DiskErrorCode, message: string, cause?: unknown): OperationalError {
  return new OperationalError(code, message, cause === undefined ? {} : { cause });
}

/** @param action what was tried, as "write" or "make the folder". @param path of the file it was tried on. */
export function diskErrorOf(error: unknown, action: string, path: string): OperationalError {
  if (error instanceof OperationalError) return error;
  const shown = sanitise(path);
  const because = (code: DiskErrorCode, reason: string) =>
    diskError(code, `cannot ${action} ${shown}: ${reason}`, error);
  switch (codeOf(error)) {
    case "ENOSPC":
      return because("disk-full", "the disk is full");
    case "EDQUOT":
      return because("disk-full", "your disk quota is used up");
    case "EROFS":
      return because("read-only", "the disk is read-only");
    case "EACCES":
    case "EPERM":
      return because("permission", "you have no permission");
    case "ENOENT":
      return because("missing", "it is not there any more");
    case "ENOTDIR":
    case "EEXIST":
      return because("unsafe-path", "something else lies where a folder should be");
    case "EISDIR":
    case "EINVAL":
      return because("unsafe-path", "something that is no ordinary file lies in its place");
    case "ELOOP":
      return unsafeLink(path, error);
    case "EIO":
      return because("io-error", "the disk reports an error");
    case "EFBIG":
      return because("io-error", "the file is larger than this disk's file system allows");
    case "EMFILE":
    case "ENFILE":
      return because("io-error", "too many files are open");
    default:
      return because("io-error", sanitise(messageOf(error)));
  }
}

export function unsafeLink(path: string, cause?: unknown): OperationalError {
  return diskError(
    "unsafe-path",
    `${sanitise(path)} is a symbolic link: links inside a download are not followed`,
    cause,
  );
}
