/** How much an active torrent may take and give, of what is its own and within what is for all. */
import type { Swarm } from "../swarm/swarm.ts";
import type { SessionRules } from "./session-rules.ts";
import type { TorrentChoices } from "./torrent-choices.ts";
import { TorrentLimit } from "./torrent-limit.ts";
import type { TorrentServices } from "./torrent-services.ts";

/** Of the neighbours that a torrent may have, those we seek by dialling; the rest is for those who come to us. */
const soughtShare = 5 / 8;

export class RunLimits {
  readonly down: TorrentLimit;
  readonly up: TorrentLimit;
  readonly #choices: () => TorrentChoices;
  readonly #rules: () => SessionRules;

  /** @param choices of the torrent, as they are now. */
  constructor(services: TorrentServices, choices: () => TorrentChoices) {
    const { ports, downLimit, upLimit } = services;
    this.down = new TorrentLimit(ports.clock, downLimit, choices().maxDownRate);
    this.up = new TorrentLimit(ports.clock, upLimit, choices().maxUpRate);
    this.#choices = choices;
    this.#rules = services.rules;
  }

  get regularSlots(): number {
    return this.#choices().slots ?? this.#rules().limits.slots;
  }

  get neighboursMax(): number {
    return this.#choices().connections ?? this.#rules().network.connectionsPerTorrent;
  }

  get neighboursSought(): number {
    return Math.ceil(this.neighboursMax * soughtShare);
  }

  /** Choices or rules are others now. */
  apply(swarm: Swarm | undefined): void {
    const { maxDownRate, maxUpRate } = this.#choices();
    this.down.setLimit(maxDownRate);
    this.up.setLimit(maxUpRate);
    swarm?.setLimits(this.regularSlots, this.neighboursMax);
  }

  close(): void {
    this.down.close();
    this.up.close();
  }
}
