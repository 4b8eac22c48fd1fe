/** Things that happen and are told to everybody who is attached. */
import type { InfoHash } from "../base/ids.ts";

export type Notice =
  | { readonly kind: "listening"; readonly address: string; readonly port: number }
  | { readonly kind: "added"; readonly infoHash: InfoHash; readonly name: string }
  /** The check is done; `verifiedLength` bytes are there. */
  | {
      readonly kind: "checked";
      readonly infoHash: InfoHash;
      readonly verifiedLength: number;
      readonly totalLength: number;
    }
  /** All pieces verified and on the disk, after a download in this run that took `seconds`. */
  | { readonly kind: "complete"; readonly infoHash: InfoHash; readonly bytes: number; readonly seconds: number }
  /** Complete and ready to serve. */
  | { readonly kind: "seeding"; readonly infoHash: InfoHash }
  | { readonly kind: "failed"; readonly infoHash: InfoHash; readonly code: string; readonly message: string }
  /** It has seeded enough, and is paused or removed for that. `reason`: which goal it has reached. */
  | {
      readonly kind: "goal";
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly reason: string;
      readonly action: "pause" | "remove" | "remove-with-data";
    }
  /** `isKept`: it can be restored for a while. `inTrash`: where its files are in the trash, "" where none are. */
  | {
      readonly kind: "removed";
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly isKept: boolean;
      readonly inTrash: string;
    }
  /** One that was removed is on the list again. */
  | { readonly kind: "restored"; readonly infoHash: InfoHash; readonly name: string }
  | { readonly kind: "warning"; readonly message: string }
  | { readonly kind: "stopping" };
