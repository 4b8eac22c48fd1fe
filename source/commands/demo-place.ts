/**
 * Where the demo that somebody watches is. There is one for each user: whoever holds its lock, a socket in the user's own
 * runtime directory, which says where the demo's files are. A demo of somebody else has another lock, and a directory
 * that only he can enter.
 */
import { rm } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { InfoHash } from "../base/ids.ts";
import {
  acquireLockSocket,
  askHolder,
  type LockHolder,
  type LockSocket,
  LockSockets,
  runtimeSocketPath,
} from "../platform/lock-socket.ts";
import type { Clock } from "../ports/clock.ts";
import { enginePlace } from "./engine-place.ts";
import type { EngineSettings } from "./host-engine.ts";
import { processEnded, signalToStop } from "./processes.ts";

/** How long it goes on when nobody comes back: for a meal, not for the night. */
export const staySeconds = 2 * 3600;

export interface RunningDemo {
  /** The process that hosts it. */
  readonly pid: number;
  /** With all its files. */
  readonly directory: string;
}

export function demoProfile(directory: string): string {
  return join(directory, "profile");
}

export function demoDownloads(directory: string): string {
  return join(directory, "downloads");
}

/** What is opened first, in the demo's directory. */
export const demoTorrentFile = "demo.torrent";

/** In a profile of its own there is no settings file: what the demo is to show holds. */
export function demoSettings(directory: string, maxUpRate: number): EngineSettings {
  return {
    profile: demoProfile(directory),
    port: 0,
    bind: "127.0.0.1",
    maxDownRate: undefined,
    maxUpRate,
    slots: undefined,
    dht: false,
    lsd: false,
  };
}

/** @returns the lock of the user's demo, or who has it. */
export async function lockDemo(directory: string): Promise<LockSocket | { readonly holder: LockHolder }> {
  return acquireLockSocket(await demoLockPath(), selfIn(directory));
}

/** @returns `undefined` where the user has none. */
export async function runningDemo(): Promise<RunningDemo | undefined> {
  const holder = await askHolder(await demoLockPath());
  if (holder === undefined) return undefined;
  return { pid: holder.pid, directory: isAbsolute(holder.profile) ? dirname(holder.profile) : "" };
}

/** Sees to it that this demo ends, and that nothing is left of it. @throws OperationalError where it does not end. */
export async function endDemo(clock: Clock, demo: RunningDemo): Promise<void> {
  if ((await runningDemo())?.pid === demo.pid) signalToStop(demo.pid);
  await processEnded(clock, demo.pid, "the demo");
  await clearDemo(demo.directory, []);
}

/**
 * Removes what is left of a demo whose engine has ended. Everybody who belongs to it does so at his end: the others may
 * have been killed. @param infoHashes of its torrents, as far as they are known.
 */
export async function clearDemo(directory: string, infoHashes: readonly InfoHash[]): Promise<void> {
  if (directory === "") return;
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  const self = selfIn(directory);
  // Whose process is gone, is taken over; whose process is there, stays.
  const engine = await enginePlace(self.profile);
  const engineLock = await acquireLockSocket(engine.lockPath, self);
  if (!("holder" in engineLock)) {
    await rm(engine.controlPath, { force: true });
    await engineLock.release();
  }
  const downloads = new LockSockets(self);
  for (const infoHash of infoHashes) {
    const lock = await downloads.acquire(infoHash, demoDownloads(directory)).catch(() => undefined);
    await lock?.release();
  }
  const demoLock = await lockDemo(directory);
  if (!("holder" in demoLock)) await demoLock.release();
}

function demoLockPath(): Promise<string> {
  return runtimeSocketPath("demo", "watched");
}

function selfIn(directory: string): LockHolder {
  return { pid: process.pid, command: "p2p-tui demo", profile: demoProfile(directory) };
}
