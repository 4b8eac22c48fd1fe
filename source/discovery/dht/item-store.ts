/**
 * The values that others keep with us (BEP 44). At most 1,000 of at most 1,000 bytes, 50 of one host, each for two hours
 * after it was put. When it is full, what is farthest from our id gives way.
 */
import { bytesEqual, bytesToHex } from "../../base/hex.ts";
import type { Endpoint } from "../../base/ip-address.ts";
import type { Item } from "./items.ts";
import type { ErrorCode } from "./krpc.ts";
import { compareDistance, type NodeId } from "./node-id.ts";
import { hostOf } from "./routing-table.ts";

const itemsMax = 1_000;
const itemsPerHostMax = 50;
const keptMs = 2 * 3_600_000;

interface StoredItem extends Item {
  readonly target: NodeId;
  /** Who put it first. */
  readonly host: string;
  putMs: number;
}

export class ItemStore {
  readonly #items = new Map<string, StoredItem>();
  readonly #countOfHost = new Map<string, number>();

  get size(): number {
    return this.#items.size;
  }

  get(target: NodeId, nowMs: number): Item | undefined {
    const item = this.#items.get(bytesToHex(target));
    return item === undefined || nowMs - item.putMs >= keptMs ? undefined : item;
  }

  /**
   * Whose signature, if any, was verified.
   * @param replaces the sequence number that must be there (BEP 44 "CAS"). @returns why not, where it is not kept.
   */
  put(
    ownId: NodeId,
    target: NodeId,
    item: Item,
    replaces: bigint | undefined,
    from: Endpoint,
    nowMs: number,
  ): ErrorCode | undefined {
    const key = bytesToHex(target);
    const known = this.#items.get(key);
    const { signed } = item;
    if (known?.signed !== undefined && signed !== undefined) {
      const { sequence } = known.signed;
      if (replaces !== undefined && replaces !== sequence) return 301;
      const isSame = sequence === signed.sequence && bytesEqual(known.value, item.value);
      if (signed.sequence < sequence || (signed.sequence === sequence && !isSame)) return 302;
    }
    const host = known?.host ?? hostOf(from);
    if (known === undefined && !this.#makeRoom(ownId, target, host)) return 202;
    if (known === undefined) this.#countOfHost.set(host, (this.#countOfHost.get(host) ?? 0) + 1);
    this.#items.set(key, { value: item.value, signed, target, host, putMs: nowMs });
    return undefined;
  }

  expire(nowMs: number): void {
    for (const item of this.#items.values()) if (nowMs - item.putMs >= keptMs) this.#drop(item);
  }

  #makeRoom(ownId: NodeId, target: NodeId, host: string): boolean {
    if ((this.#countOfHost.get(host) ?? 0) >= itemsPerHostMax) return false;
    if (this.#items.size < itemsMax) return true;
    let farthest: StoredItem | undefined;
    for (const item of this.#items.values()) {
      if (compareDistance(ownId, item.target, farthest?.target ?? target) > 0) farthest = item;
    }
    if (farthest === undefined) return false;
    this.#drop(farthest);
    return true;
  }

  #drop({ target, host }: StoredItem): void {
    this.#items.delete(bytesToHex(target));
    const left = (this.#countOfHost.get(host) ?? 1) - 1;
    if (left === 0) this.#countOfHost.delete(host);
    else this.#countOfHost.set(host, left);
  }
}
