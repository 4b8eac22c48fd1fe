/** What a torrent's run moves, added up: for its torrent, for the session's lifetime, and for what trackers are told. */

import type { TorrentServices } from "../torrent-services.ts";
import type { RunOwner } from "./run-owner.ts";

export abstract class RunTotals {
  protected readonly services: TorrentServices;
  protected readonly owner: RunOwner;
  #down = 0;
  #up = 0;

  constructor(services: TorrentServices, owner: RunOwner) {
    this.services = services;
    this.owner = owner;
  }

  /** Of this run: BEP 3 counts what an announce reports from its `started`. */
  get transferred(): { readonly uploaded: number; readonly downloaded: number } {
    return { uploaded: this.#up, downloaded: this.#down };
  }

  uploaded(bytes: number): void {
    this.owner.uploadedBytes += bytes;
    this.services.house.lifetime.uploaded += bytes;
    this.#up += bytes;
  }

  downloaded(bytes: number): void {
    this.owner.downloadedBytes += bytes;
    this.services.house.lifetime.downloaded += bytes;
    this.#down += bytes;
  }

  wasted(bytes: number): void {
    this.owner.wastedBytes += bytes;
  }
}
