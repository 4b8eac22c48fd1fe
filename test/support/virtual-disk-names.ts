/**
 * The names on a virtual disk. Changes of names are noted in the order they happen, and are on the disk for certain when a
 * folder that they touch is synced. After a loss of power any of the others may be missing, but as on a journalling file system:
 * a change is there only with all earlier ones of the folders that it touches, and a rename is there whole or not at all.
 */
import { type Random, randomFraction } from "../../source/base/random.ts";
import type { VirtualDevice, VirtualFile } from "./virtual-disk-file.ts";

export interface VirtualLink {
  readonly kind: "link";
  readonly device: VirtualDevice;
  readonly inode: number;
  readonly target: string;
}

export class VirtualFolder {
  readonly kind = "directory";
  readonly device: VirtualDevice;
  readonly inode: number;
  /** As programs see them. */
  readonly entries = new Map<string, VirtualNode>();
  /** On the disk for certain. */
  readonly durable = new Map<string, VirtualNode>();

  constructor(device: VirtualDevice, inode: number) {
    this.device = device;
    this.inode = inode;
  }
}

export type VirtualNode = VirtualFile | VirtualFolder | VirtualLink;

/** One name that gets another node, or none. */
export interface NameChange {
  readonly folder: VirtualFolder;
  readonly name: string;
  readonly node: VirtualNode | undefined;
}

interface Pending {
  readonly changes: readonly NameChange[];
  readonly touched: ReadonlySet<VirtualFolder>;
}

export class NameJournal {
  #pending: Pending[] = [];

  /** Changes that belong together. */
  change(...changes: readonly NameChange[]): void {
    const touched = new Set<VirtualFolder>();
    for (const { folder, name, node } of changes) {
      touched.add(folder);
      const before = folder.entries.get(name);
      // What happens in a folder comes after its making, and before its removal.
      for (const other of [before, node]) if (other?.kind === "directory") touched.add(other);
    }
    for (const change of changes) apply(change.folder.entries, change);
    this.#pending.push({ changes, touched });
  }

  /** Everything that touches the folder, and what that depends on, is on the disk now. */
  sync(folder: VirtualFolder): void {
    const needed = new Set([folder]);
    const committed = new Set<Pending>();
    for (const pending of this.#pending.toReversed()) {
      if (![...pending.touched].some((touched) => needed.has(touched))) continue;
      committed.add(pending);
      for (const touched of pending.touched) needed.add(touched);
    }
    for (const { changes } of this.#pending.filter((pending) => committed.has(pending))) {
      for (const change of changes) apply(change.folder.durable, change);
    }
    this.#pending = this.#pending.filter((pending) => !committed.has(pending));
  }

  syncAll(): void {
    for (const { changes } of this.#pending) for (const change of changes) apply(change.folder.durable, change);
    this.#pending = [];
  }

  /** Lets some of what is pending be on the disk, and the rest be lost. */
  cut(random: Random): void {
    const keptFraction = randomFraction(random);
    const lost = new Set<VirtualFolder>();
    for (const { changes, touched } of this.#pending) {
      const isPossible = ![...touched].some((folder) => lost.has(folder));
      if (isPossible && randomFraction(random) < keptFraction) {
        for (const change of changes) apply(change.folder.durable, change);
      } else {
        for (const folder of touched) lost.add(folder);
      }
    }
    this.#pending = [];
  }
}

/** The tree that is on the disk for certain, as one of its own; files as a loss of power leaves them. */
export function treeAfterPowerCut(
  folder: VirtualFolder,
  deviceOf: (device: VirtualDevice) => VirtualDevice,
  random: Random,
): VirtualFolder {
  const copy = new VirtualFolder(deviceOf(folder.device), folder.inode);
  for (const [name, node] of folder.durable) {
    const kept =
      node.kind === "directory"
        ? treeAfterPowerCut(node, deviceOf, random)
        : node.kind === "file"
          ? node.afterPowerCut(deviceOf(node.device), random)
          : node;
    copy.entries.set(name, kept);
    copy.durable.set(name, kept);
  }
  return copy;
}

function apply(names: Map<string, VirtualNode>, { name, node }: NameChange): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}
