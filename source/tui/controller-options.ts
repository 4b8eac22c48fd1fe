/** What the UI is started with, and what it ends with. */
import type { EngineClient } from "../control/engine-client.ts";
import type { Alerts } from "./alerts.ts";
import type { SimulationDial } from "./simulation-dial.ts";
import type { Store } from "./state/store.ts";
import type { EngineFate } from "./summary.ts";
import type { TorrentSources } from "./torrent-sources.ts";

/** A torrent to be added: what the engine's `add` or `add-magnet` wants. */
export interface AddRequest {
  /** The .torrent file, base64; or a magnet link, of which peers are asked for it. */
  readonly torrent: { readonly metainfo: string } | { readonly link: string };
  /** Absolute. */
  readonly savePath: string;
  readonly peers?: readonly string[];
  readonly isPaused?: boolean;
  readonly mustCheck?: boolean;
}

/** What leaving with q does to the engine: `ask` lets the user choose while there are torrents. */
export type OnQuit = "ask" | "stop" | "keep";

/** What the terminal is left with. */
export interface Outcome {
  /** 0 left with q, 1 the engine was lost, 130 interrupted, 128 + n ended by signal n. */
  readonly exitCode: number;
  /** `stopped` also where it was told to and did not answer in time. */
  readonly engine: EngineFate;
  /** Lines for the terminal afterwards, safe to print. */
  readonly summary: readonly string[];
}

export interface ControllerOptions {
  readonly store: Store;
  readonly connect: () => Promise<EngineClient>;
  readonly initialTorrents: readonly AddRequest[];
  /** Shows the first of them at once. */
  readonly openFirst: boolean;
  /** Without them nothing can be added from here. */
  readonly sources?: TorrentSources | undefined;
  /** Of a simulated swarm, where the engine is one of it. */
  readonly simulation?: SimulationDial | undefined;
  readonly onQuit: OnQuit;
  /** Whether the summary says what became of the engine and how to come back. */
  readonly tellsFate: boolean;
  /** See `TuiOptions`. */
  readonly profileOption: string;
  /** Gives the terminal back to the shell until it continues us. */
  readonly suspend: () => Promise<void>;
  /** Tells those who do not look. */
  readonly alerts: Pick<Alerts, "heard" | "look">;
  /** A clock that only goes forward, in ms. */
  readonly nowMs: () => number;
}
