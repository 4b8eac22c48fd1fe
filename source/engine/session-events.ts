/** What a session tells the world; see `Notice` in control/protocol.ts, which is how it is told to UIs. */
import type { InfoHash } from "../base/ids.ts";

export type SessionEvent =
  | { readonly kind: "listening"; readonly address: string; readonly port: number }
  | { readonly kind: "added"; readonly infoHash: InfoHash; readonly name: string }
  | {
      readonly kind: "checked";
      readonly infoHash: InfoHash;
      readonly verifiedLength: number;
      readonly totalLength: number;
    }
  | { readonly kind: "complete"; readonly infoHash: InfoHash; readonly bytes: number; readonly seconds: number }
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
