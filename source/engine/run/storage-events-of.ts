import type { StorageEvents } from "../../storage/storage.ts";
import type { Swarm } from "../../swarm/swarm.ts";

/** What a storage tells goes to the swarm that its run has then. */
export function storageEventsOf(run: {
  readonly swarm: Swarm | undefined;
  storageFailed(error: unknown): void;
}): StorageEvents {
  return {
    onPieceChecked: (piece, isRight) => run.swarm?.pieceChecked(piece, isRight),
    onFailure: (error) => run.storageFailed(error),
    onRelieved: () => run.swarm?.storageRelieved(),
  };
}
