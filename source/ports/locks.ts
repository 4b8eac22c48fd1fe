/** Who may write a download. One writer at a time, over all processes of a user. */
import type { InfoHash } from "../base/ids.ts";

export interface DownloadLock {
  /** Idempotent. */
  release(): Promise<void>;
}

export interface DownloadLocks {
  /**
   * @param savePath absolute; need not exist yet.
   * @throws OperationalError `held`, whose sentence names the process that has it; or what the system says.
   */
  acquire(infoHash: InfoHash, savePath: string): Promise<DownloadLock>;
}
