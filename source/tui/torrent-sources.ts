/**
 * What the UI asks of the world to add torrents, handed in by whoever runs it: the UI reads no files, and knows nothing of
 * what is in a .torrent file.
 */
import type { InfoHash } from "../base/ids.ts";

export interface TorrentSources {
  readonly defaults: AddDefaults;
  /**
   * What the user means: .torrent files, folders of them, URLs, magnet links and info hashes, in any number.
   * @throws OperationalError (rejects) where nothing is found; `cancelled`.
   */
  open(texts: readonly string[], watch: OpenWatch): Promise<OpenedSources>;
  /** @param metainfo a .torrent file, base64. @throws OperationalError `bad-metainfo`, `v2-only`. */
  read(metainfo: string): TorrentFacts;
  /** How a path that is being typed may go on. Never rejects. */
  complete(text: string, kind: CompletionKind): Promise<Completion>;
  /** About a folder to save in. Never rejects. */
  place(path: string): Promise<PlaceFacts>;
}

export interface AddDefaults {
  /** Absolute. */
  readonly savePath: string;
  readonly isPaused: boolean;
  readonly isSequential: boolean;
  /** `HOST:PORT`, for each. */
  readonly peers: readonly string[];
}

export interface OpenWatch {
  readonly signal: AbortSignal;
  /** Told now and then what is being done: `reading 20 of 200`. */
  readonly progress: (text: string) => void;
}

export interface OpenedSources {
  /** Each info hash once, in the order they were named. */
  readonly found: readonly FoundSource[];
  /** Why the others cannot be had, one sentence each. */
  readonly problems: readonly string[];
}

export type FoundSource =
  | {
      readonly kind: "torrent";
      /** Where several are found, `files` is empty. */
      readonly facts: TorrentFacts;
      /** The .torrent file, base64; read again where it is one of many. @throws OperationalError (rejects). */
      readonly metainfo: () => Promise<string>;
    }
  /** Its peers must be asked for all else. */
  | {
      readonly kind: "magnet";
      readonly infoHash: InfoHash;
      /** As the link says, "" where it does not. */
      readonly name: string;
      readonly link: string;
      readonly only: FileRanges;
    };

/** Of indices of wanted files, first and last included; none: all are wanted. */
export type FileRanges = readonly { readonly first: number; readonly last: number }[];

export interface TorrentFacts {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly totalLength: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly isPrivate: boolean;
  readonly comment: string;
  /** Hosts, each once. */
  readonly trackers: readonly string[];
  readonly fileCount: number;
  readonly files: readonly FileFacts[];
}

export interface FileFacts {
  /** In the .torrent file. */
  readonly index: number;
  /** With `/`. */
  readonly path: string;
  readonly length: number;
}

/** `sources`: folders and .torrent files. */
export type CompletionKind = "sources" | "folders";

export interface Completion {
  /** The text, completed as far as there is no doubt. */
  readonly text: string;
  /** What it may become: the first ones, .torrent files before folders. */
  readonly items: readonly CompletionItem[];
  /** Of all. */
  readonly count: number;
}

export interface CompletionItem {
  /** Of the last element of the path. */
  readonly name: string;
  /** The whole text, with `/` at the end of a folder. */
  readonly text: string;
  readonly isFolder: boolean;
}

export interface PlaceFacts {
  /** Absolute. */
  readonly path: string;
  /** Whether the folder is there; else it will be made. */
  readonly isThere: boolean;
  /** Where it is or will be; `null` where that cannot be told. */
  readonly freeBytes: number | null;
  /** Why nothing can be saved there, "" where nothing is known against it. */
  readonly problem: string;
}
