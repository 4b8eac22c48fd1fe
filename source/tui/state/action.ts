/** What can happen to the state. */
import type { InfoHash } from "../../base/ids.ts";
import type { Graph, GraphSpan } from "../../control/insight.ts";
import type { ShownChoices, TorrentDetail, TorrentsFrame, TorrentTopic } from "../../control/protocol.ts";
import type { SettingsReport } from "../../control/settings-protocol.ts";
import type { CommandId } from "../../preferences/commands.ts";
import type { PieceLevel } from "../layout/pieces-plan.ts";
import type { SimulationStatus } from "../simulation-dial.ts";
import type { Completion } from "../torrent-sources.ts";
import type { AddEvent } from "./adding.ts";
import type { MoveStage, SettingsMode } from "./overlay.ts";
import type { Preferences } from "./preferences.ts";
import type { ToastMessage } from "./toasts.ts";

/** What happens to whatever lies over the screen. */
export type DialogAction =
  | { readonly type: "overlayKey"; readonly key: string }
  | { readonly type: "overlayPaste"; readonly text: string }
  | { readonly type: "settingsMode"; readonly mode: SettingsMode }
  | { readonly type: "adding"; readonly event: AddEvent }
  /** Of a path that is typed: what is chosen of what it may become, or that this is shown no more. */
  | { readonly type: "pathTake" | "pathClose" }
  | { readonly type: "addRow"; readonly row: number }
  /** How the path that is typed may go on, if `of` still stands there. */
  | { readonly type: "pathCompleted"; readonly of: string; readonly found: Completion }
  /** In the list of the palette, or of labels. */
  | { readonly type: "overlayCursor"; readonly index: number }
  /** In the dialog of options, of limits, or for another name. */
  | { readonly type: "optionsFailed"; readonly field: number; readonly message: string }
  /** What holds for a torrent, for the dialog of options. */
  | { readonly type: "choices"; readonly infoHash: InfoHash; readonly choices: ShownChoices }
  /** What Enter asked for is under way. */
  | { readonly type: "overlayBusy" }
  | { readonly type: "moveStage"; readonly typed: string; readonly stage: MoveStage }
  | { readonly type: "askQuit" }
  | { readonly type: "closeOverlay" };

export type Action =
  | DialogAction
  | { readonly type: "tick"; readonly nowMs: number }
  /** How the simulated swarm's time stands. */
  | { readonly type: "simulation"; readonly status: SimulationStatus }
  | { readonly type: "resized"; readonly columns: number; readonly rows: number }
  /** For the first time, or anew after the engine was lost. */
  | { readonly type: "connecting" }
  | { readonly type: "connected" }
  | { readonly type: "lost"; readonly reason: string }
  | { readonly type: "leaving" }
  | { readonly type: "torrents"; readonly frame: TorrentsFrame; readonly nowMs: number }
  /** `topic`: what was asked, and so which windows `detail` shows. */
  | { readonly type: "detail"; readonly topic: TorrentTopic; readonly detail: TorrentDetail; readonly nowMs: number }
  | { readonly type: "graph"; readonly graph: Graph; readonly nowMs: number }
  | { readonly type: "graphSpan"; readonly span: GraphSpan }
  | { readonly type: "gone"; readonly infoHash: InfoHash }
  | { readonly type: "openTorrent"; readonly infoHash: InfoHash }
  | { readonly type: "toast"; readonly toast: ToastMessage; readonly nowMs: number }
  /** A command that concerns the screen alone. */
  | { readonly type: "command"; readonly command: CommandId }
  /** At once, before the settings have it. */
  | { readonly type: "prefer"; readonly change: Partial<Preferences> }
  /** All settings, those of the UI among them. */
  | { readonly type: "settings"; readonly report: SettingsReport }
  /** The title of a column of the table that is shown. */
  | { readonly type: "heading"; readonly column: string }
  | { readonly type: "selectTorrent"; readonly infoHash: InfoHash }
  /** One neighbour of the open torrent, closely. */
  | { readonly type: "lookAt"; readonly neighbour: number }
  /** A row of the open torrent's table. */
  | { readonly type: "selectIndex"; readonly index: number }
  /** A cell of the piece map, a piece, or a neighbour that has it. */
  | { readonly type: "selectInPieces"; readonly level: PieceLevel; readonly index: number };
