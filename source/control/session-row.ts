/** What is shown of the engine as a whole; see protocol.ts. */
export interface SessionRow {
  readonly version: string;
  readonly pid: number;
  readonly profile: string;
  /** Where we listen, `null` if that failed (then `listenProblem` says why). */
  readonly listenAddress: string | null;
  readonly listenPort: number | null;
  readonly listenProblem: string;
  /** Whether any neighbour has ever reached us from outside: then the port is open. */
  readonly hasIncoming: boolean;
  /** Nodes of the DHT that are known to be there; `null` where it is switched off. */
  readonly dhtNodes: number | null;
  /** In words, why the DHT finds nobody; "" where it does, or may soon. */
  readonly dhtProblem: string;
  /** As in `BansReport`. */
  readonly refused: number;
  readonly downRate: number;
  readonly upRate: number;
  /** 0: no limit. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Whether the alternative limits hold; `nextSwitchWallMs`: until when, as far as that is known. */
  readonly alternative: {
    readonly isOn: boolean;
    readonly isByHand: boolean;
    readonly nextSwitchWallMs: number | null;
  };
  /** Those that torrents are on, and new ones go to. */
  readonly disks: readonly DiskRow[];
  /** The first disk that will be too small for what is downloaded to it. */
  readonly shortDisk: ShortDisk | null;
  /** Of the profile, over all runs. */
  readonly lifetime: Lifetime;
  readonly neighbours: number;
  /** Changes with the settings: who shows them asks again. `null` where the engine has no settings file. */
  readonly settingsRevision: number | null;
  readonly upSeconds: number;
}

export interface DiskRow {
  /** One of those on it that torrents are saved in. */
  readonly folder: string;
  readonly freeBytes: number;
  /** What downloads to it still need. */
  readonly leftBytes: number;
}

export interface ShortDisk {
  /** One of those on it that torrents are saved in. */
  readonly folder: string;
  readonly freeBytes: number;
  /** What is to come, beyond what is free. */
  readonly missingBytes: number;
  /** Until it is full; `null` while nothing comes. */
  readonly fullSeconds: number | null;
}

export interface Lifetime {
  /** Content bytes, also of torrents that were removed. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** That the engine ran, and how often it was started; this time included. */
  readonly seconds: number;
  readonly sessions: number;
}
