/**
 * With whom we have nothing to do: asked before a connection is answered or made, and before an address is remembered.
 * Trackers and other web servers are not asked about.
 */
import { BanList } from "./ban-list.ts";
import type { IpFilter } from "./ip-filter.ts";

export class Admittance {
  readonly #bans: BanList;
  readonly #filter: IpFilter | undefined;
  readonly #listeners = new Set<() => void>();
  #refusedCount = 0;

  /** Without arguments: everybody may come, but whom somebody bans. */
  constructor(bans: BanList = new BanList(undefined), filter?: IpFilter) {
    this.#bans = bans;
    this.#filter = filter;
    filter?.onChange(() => this.#tell());
  }

  /** Before this, nobody is let in and nobody dialled. */
  get isReady(): boolean {
    return this.#filter?.isReady ?? true;
  }

  /** Connections that were not answered, and addresses that were not remembered or dialled. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Of the IP filters. */
  get rangeCount(): number {
    return this.#filter?.rangeCount ?? 0;
  }

  get bans(): readonly string[] {
    return this.#bans.entries;
  }

  /** Takes up what was banned in earlier runs. */
  load(): Promise<void> {
    return this.#bans.load();
  }

  /** Says no, and counts it. */
  refuses(address: string): boolean {
    const isRefused = this.isBlocked(address);
    if (isRefused) this.#refusedCount++;
    return isRefused;
  }

  isBlocked(address: string): boolean {
    return this.#bans.has(address) || (this.#filter?.has(address) ?? false);
  }

  /** See `BanList.ban`. */
  async ban(texts: readonly string[]): Promise<void> {
    await this.#bans.ban(texts);
    this.#tell();
  }

  /** See `BanList.unban`. */
  async unban(texts: readonly string[]): Promise<void> {
    await this.#bans.unban(texts);
    this.#tell();
  }

  /** Told when others may be blocked than before, and when it becomes ready. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
