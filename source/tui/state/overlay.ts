/** What can lie over the screen: help, questions, dialogs. */
import type { InfoHash } from "../../base/ids.ts";
import type { MoveReport } from "../../control/move-protocol.ts";
import type { DataFate, ShownChoices, TorrentRow } from "../../control/protocol.ts";
import type { ListColumn } from "../../preferences/list-columns.ts";
import type { AddOverlay } from "./adding.ts";
import type { LimitsOverlay } from "./limits.ts";
import type { PathInput } from "./path-input.ts";
import type { RenameOverlay } from "./renaming.ts";

export interface ConfirmOverlay {
  readonly kind: "confirm";
  /** What is to be removed; not empty. */
  readonly torrents: readonly Pick<TorrentRow, "infoHash" | "name" | "savePath">[];
  readonly data: DataFate;
}

/** Whether to have nothing to do with a neighbour's address any more. */
export interface BanOverlay {
  readonly kind: "ban";
  /** Without the port. */
  readonly address: string;
  readonly client: string;
}

/** Whether to let go of a neighbour. */
export interface KickOverlay {
  readonly kind: "kick";
  readonly infoHash: InfoHash;
  readonly endpoint: string;
  readonly client: string;
}

export interface PaletteOverlay {
  readonly kind: "palette";
  readonly text: string;
  readonly caret: number;
  /** Index among `paletteChoices`. */
  readonly cursor: number;
}

export interface FilterOverlay {
  readonly kind: "filter";
}

/** Labels of some torrents: known ones to be switched, or a new one typed. */
export interface LabelsOverlay {
  readonly kind: "labels";
  /** Those that it was opened for, whatever is selected or shown by now; those that are gone are passed over. */
  readonly infoHashes: readonly InfoHash[];
  /** Labels that were there when it was opened: each keeps its line, though no torrent may have it any more. */
  readonly known: readonly string[];
  readonly text: string;
  readonly caret: number;
  /** Index among `labelChoices`. */
  readonly cursor: number;
}

/** What was decided about a torrent, or for several, one line each. */
export interface OptionsOverlay {
  readonly kind: "options";
  /** Not empty. */
  readonly torrents: readonly Pick<TorrentRow, "infoHash" | "name">[];
  /** Of `optionFields`, in their order; and as they were at first. */
  readonly texts: readonly string[];
  readonly before: readonly string[];
  /** What is known by now of what holds for `torrents`, in their order; the engine is asked for one after the other. */
  readonly choices: readonly ShownChoices[];
  readonly cursor: number;
  readonly caret: number;
  readonly error: string;
}

export type MoveStage =
  | { readonly kind: "typing"; readonly error: string }
  | { readonly kind: "planning" }
  /** `savePath`: absolute. */
  | { readonly kind: "planned"; readonly savePath: string; readonly report: MoveReport };

/** Where the files shall go; `stage` is of the path that stands there. */
export interface MoveOverlay {
  readonly kind: "move";
  /** Not empty. */
  readonly torrents: readonly Pick<TorrentRow, "infoHash" | "name">[];
  readonly place: PathInput;
  readonly stage: MoveStage;
}

/** The columns of the list. */
export interface ColumnsOverlay {
  readonly kind: "columns";
  /** All there are; those that are shown in this order. */
  readonly columns: readonly ListColumn[];
  readonly shown: ReadonlySet<ListColumn>;
  readonly cursor: number;
}

/** All settings; what they are is in the state. */
export interface SettingsOverlay {
  readonly kind: "settings";
  readonly filter: string;
  /** Index among `shownSettings`. */
  readonly cursor: number;
  readonly mode: SettingsMode;
}

export type SettingsMode =
  | { readonly kind: "list" }
  | { readonly kind: "filter"; readonly caret: number }
  | {
      readonly kind: "edit";
      readonly key: string;
      readonly text: string;
      readonly caret: number;
      readonly error: string;
      readonly isBusy: boolean;
    };

export type Overlay =
  | ColumnsOverlay
  | SettingsOverlay
  | MoveOverlay
  | { readonly kind: "help"; readonly offset: number }
  | LabelsOverlay
  | OptionsOverlay
  | { readonly kind: "quit" }
  | ConfirmOverlay
  | BanOverlay
  | KickOverlay
  | AddOverlay
  | LimitsOverlay
  | RenameOverlay
  | PaletteOverlay
  | FilterOverlay;

/** Whether what is typed goes into a line of text. */
export function takesText(overlay: Overlay | null): boolean {
  switch (overlay?.kind) {
    case "add":
    case "filter":
    case "palette":
    case "labels":
    case "options":
    case "limits":
    case "rename":
    case "move":
      return true;
    case "settings":
      return overlay.mode.kind !== "list";
    default:
      return false;
  }
}
