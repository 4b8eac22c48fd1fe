/** The engine as the control server sees it. The product's is `EngineTarget`; tests have small ones. */
import type {
  Command,
  CommandResult,
  Frame,
  GraphTopic,
  Notice,
  SessionRow,
  TorrentRow,
  TorrentTopic,
} from "./protocol.ts";

export interface ControlTarget {
  /** @throws OperationalError, whose code and message go to the asker. */
  execute(command: Command): Promise<CommandResult>;
  session(): SessionRow;
  /** All torrents, in the order they were added. */
  torrents(): readonly TorrentRow[];
  /** `gone` where there is no such torrent, `undefined` where it is not ready to be shown yet: ask again soon. */
  torrent(topic: TorrentTopic): Exclude<Frame, { readonly kind: "torrents" }> | undefined;
  /** `gone` where there is no such torrent. */
  graph(topic: GraphTopic): Exclude<Frame, { readonly kind: "torrents" | "torrent" }>;
  /** What everybody is to know who begins to watch the list. */
  standingNotices?(): readonly Notice[];
  /** @returns how to stop listening. */
  onNotice(listener: (notice: Notice) => void): () => void;
}
