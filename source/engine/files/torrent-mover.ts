/**
 * Moves a torrent's files to another save folder, or gives them other names: halts the torrent, has storage/relocation.ts do it,
 * writes down where the torrent is, and lets it go on. What is verified stays so: what the files look like is taken anew right
 * after the move, before anybody else writes to them, where the record vouched for all of them before.
 */
import { codeOf, messageOf, OperationalError } from "../../base/errors.ts";
import { fieldsOf, textOf } from "../../base/json-fields.ts";
import { sanitise } from "../../base/sanitise.ts";
import type { Metainfo } from "../../metainfo/metainfo.ts";
import { changedRenames, type Renames, withRenames } from "../../metainfo/renames.ts";
import { diskErrorOf } from "../../storage/disk-error.ts";
import { isMissing } from "../../storage/file-care.ts";
import { forgetRelocation, type RelocationPlace, recoverRelocation, relocate } from "../../storage/relocation.ts";
import {
  assertFeasible,
  planRelocation,
  type RelocationPlan,
  type RelocationRequest,
} from "../../storage/relocation-plan.ts";
import { sideNameOf } from "../../storage/side-file.ts";
import { savedRecordOf } from "../profile/saved-record.ts";
import { renamesIn, type TorrentEntry } from "../profile/torrent-entry.ts";
import type { SavedRecord } from "../profile/torrent-store.ts";
import type { Torrent } from "../torrent.ts";
import type { TorrentServices } from "../torrent-services.ts";
import { forgetMove, moveRecordOf } from "./move-records.ts";

/** What a torrent lets its mover do. */
export interface MovingTorrent {
  /** Resolves when its files are closed. */
  halt(reason: string): Promise<void>;
  /** On the disk when it resolves. */
  decide(decision: Partial<TorrentEntry>): Promise<void>;
  /** Neither moving nor active. @param failure why it cannot go on; else it goes on, unless it is paused. */
  settled(failure: unknown): void;
}

/** Where a torrent's files are, and what they are called there. */
type Place = Pick<TorrentEntry, "savePath" | "summary"> & { readonly renames: Renames };

export class TorrentMover {
  readonly #services: TorrentServices;
  readonly #torrent: Torrent;
  readonly #moving: MovingTorrent;
  #fraction: number | undefined;
  #abort = new AbortController();
  #work: Promise<unknown> = Promise.resolve();
  #settling: Promise<void> | undefined;

  constructor(services: TorrentServices, torrent: Torrent, moving: MovingTorrent) {
    this.#services = services;
    this.#torrent = torrent;
    this.#moving = moving;
  }

  /** 0 … 1 while it moves. */
  get fraction(): number | undefined {
    return this.#fraction;
  }

  /** What `move` would do. Nothing is touched. */
  async plan(savePath: string): Promise<RelocationPlan> {
    return planRelocation(this.#services.ports.files, await this.#request(this.#placeAt(savePath)));
  }

  /** @throws OperationalError when the files are where they were: `conflict`, `disk-full`, `held`…; or `unfinished`. */
  move(savePath: string): Promise<RelocationPlan> {
    return this.#inTurn(async () => this.#placeAt(savePath));
  }

  /** @param path below the save folder, "" for the torrent's root. @throws as `move`, and as `changedRenames`. */
  rename(path: string, name: string): Promise<RelocationPlan> {
    return this.#inTurn(async () => {
      const { savePath, summary } = this.#torrent.entry;
      const { files } = await this.#original();
      const renames = changedRenames(files, this.#torrent.entry.renames ?? [], path, name);
      const isRoot = path === "" || path === summary.rootName;
      return { savePath, renames, summary: isRoot ? { ...summary, name, rootName: name } : summary };
    });
  }

  /** Cancels a move; resolves when the files are in a known place again. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#work.catch(() => undefined);
  }

  /** Finishes or undoes what was cut short. To be called before the files are used. @throws OperationalError `unfinished`. */
  settle(): Promise<void> {
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  /** The torrent is gone: nothing is to be finished any more. */
  async forget(): Promise<void> {
    const { records } = this.#services;
    if (records !== undefined) await forgetMove(records, this.#torrent.infoHash);
  }

  /** One move at a time. */
  #inTurn(placeOf: () => Promise<Place>): Promise<RelocationPlan> {
    if (this.#torrent.isEnding) return Promise.reject(new OperationalError("ending", "the torrent is being removed"));
    if (this.#fraction !== undefined) {
      return Promise.reject(new OperationalError("busy", "the torrent is being moved already"));
    }
    this.#fraction = 0;
    this.#abort = new AbortController();
    let failure: unknown;
    const work = this.#relocate(placeOf)
      .catch((error: unknown) => {
        failure = error;
        throw error;
      })
      .finally(() => {
        this.#fraction = undefined;
        this.#moving.settled(codeOf(failure) === "unfinished" ? failure : undefined);
      });
    this.#work = work;
    return work;
  }

  async #relocate(placeOf: () => Promise<Place>): Promise<RelocationPlan> {
    const { ports } = this.#services;
    const record = this.#recordPlace();
    await this.settle();
    const target = await placeOf();
    const { entry } = this.#torrent;
    const request = await this.#request(target);
    // What cannot be done is found before anybody is disturbed.
    assertFeasible(await planRelocation(ports.files, request));
    await this.#moving.halt(`we move our files to ${target.savePath}`);
    const unlock = await this.#lock([...new Set([entry.savePath, target.savePath])]);
    try {
      const trusted = await this.#trusted();
      const plan = await planRelocation(ports.files, request);
      const left = await relocate(plan, {
        ...record,
        random: ports.random,
        note: noteOf(target),
        onProgress: (fraction) => {
          this.#fraction = fraction;
        },
        signal: this.#abort.signal,
      });
      if (trusted !== undefined) await this.#vouch(target, trusted);
      await this.#moving.decide(target).catch((error: unknown) => {
        // The record of the move tells the next start.
        throw new OperationalError("unfinished", `the files are moved, but ${messageOf(error)}`, { cause: error });
      });
      if (left === "") await forgetRelocation(record);
      else this.#services.notify({ kind: "warning", message: `${this.#torrent.name}: ${left}` });
      this.#torrent.log(`moved to ${target.savePath}`);
      return plan;
    } finally {
      await unlock();
    }
  }

  async #settle(): Promise<void> {
    if (this.#services.records === undefined) return;
    const place = this.#recordPlace();
    const recovered = await recoverRelocation(place, (note) => note === noteOf(this.#torrent.entry));
    if (recovered === undefined) return;
    const { outcome, note, reason } = recovered;
    const because = reason === "" ? "" : `: ${reason}`;
    if (outcome === "moved") {
      const { savePath, renames, rootName } = placeIn(note);
      const { summary } = this.#torrent.entry;
      const name = rootName === summary.rootName ? summary.name : rootName;
      await this.#moving.decide({ savePath, renames, summary: { ...summary, name, rootName } });
      await forgetRelocation(place);
      this.#torrent.log(`a move to ${savePath} that was cut short is finished${because}`);
    } else this.#torrent.log(`a move that was cut short was undone${because}`);
  }

  /** What is known to be right of the files where they are, if it is known of all. @throws OperationalError `data-missing`. */
  async #trusted(): Promise<{ readonly isSynced: boolean } | undefined> {
    const torrent = this.#torrent;
    const { makeStorage, store } = this.#services;
    const metainfo = await torrent.loadMetainfo();
    const fingerprint = await makeStorage(metainfo, torrent.savePath).fingerprint();
    if (!torrent.have.isEmpty && fingerprint.every(isMissing)) {
      throw new OperationalError("data-missing", `its files are not in ${torrent.savePath}`);
    }
    const { trusted, recheck, isSynced } = await store.planResume(metainfo, torrent.savePath, fingerprint);
    if (!recheck.isEmpty) return undefined;
    torrent.have = trusted;
    return { isSynced };
  }

  /** The files in their new place are those that were trusted in their old. */
  async #vouch(target: Place, trusted: Pick<SavedRecord, "isSynced">): Promise<void> {
    const { makeStorage, store } = this.#services;
    const metainfo = withRenames(await this.#original(), target.renames);
    try {
      const record = await savedRecordOf(this.#torrent, makeStorage(metainfo, target.savePath), true);
      await store.save({ ...this.#torrent.entry, ...target }, { ...record, ...trusted });
    } catch (error) {
      // They will be checked.
      this.#torrent.log(messageOf(error));
    }
  }

  /** Its names as in the .torrent file. */
  #original(): Promise<Metainfo> {
    return this.#services.store.loadMetainfo(this.#torrent.infoHash);
  }

  #placeAt(savePath: string): Place {
    const { entry } = this.#torrent;
    return { savePath: cleanPath(savePath), summary: entry.summary, renames: entry.renames ?? [] };
  }

  async #request({ savePath, renames }: Place): Promise<RelocationRequest> {
    const original = await this.#original();
    const before = withRenames(original, this.#torrent.entry.renames ?? []).files;
    const after = withRenames(original, renames).files;
    const fromRoot = cleanPath(this.#torrent.savePath);
    const below = (root: string, path: readonly string[]) => `${root === "/" ? "" : root}/${path.join("/")}`;
    const files = before.flatMap((file, index) => {
      const to = after[index];
      if (file.isPadding || to === undefined) return [];
      return [{ from: below(fromRoot, file.path), to: below(savePath, to.path) }];
    });
    const side = [sideNameOf(this.#torrent.infoHash)];
    if ((await this.#services.ports.files.stat(below(fromRoot, side))) !== undefined)
      files.push({ from: below(fromRoot, side), to: below(savePath, side) });
    return { fromRoot, toRoot: savePath, files };
  }

  /** @throws OperationalError `no-profile`. */
  #recordPlace(): RelocationPlace {
    const { records } = this.#services;
    if (records === undefined) {
      throw new OperationalError("no-profile", "only an engine that remembers its torrents moves their files");
    }
    return moveRecordOf(records, this.#torrent.infoHash);
  }

  /** Of the download in all places. @throws OperationalError `held`. */
  async #lock(savePaths: readonly string[]): Promise<() => Promise<void>> {
    const locks: { release(): Promise<void> }[] = [];
    const release = async () => {
      for (const lock of locks) await lock.release();
    };
    try {
      for (const path of savePaths) locks.push(await this.#services.locks.acquire(this.#torrent.infoHash, path));
    } catch (error) {
      await release();
      throw diskErrorOf(error, "lock", this.#torrent.savePath);
    }
    return release;
  }
}

/** What the record of a move keeps for the next start. */
interface Note {
  readonly savePath: string;
  readonly rootName: string;
  readonly renames: Renames;
}

function noteOf(place: Pick<TorrentEntry, "savePath" | "summary" | "renames">): string {
  const note: Note = { savePath: place.savePath, rootName: place.summary.rootName, renames: place.renames ?? [] };
  return JSON.stringify(note);
}

function placeIn(note: string): Note {
  const { savePath, rootName, renames } = fieldsOf<Note>(JSON.parse(note));
  return { savePath: textOf(savePath), rootName: textOf(rootName), renames: renamesIn(renames) };
}

/** Without empty and `.` elements. @throws OperationalError `bad-path`. */
function cleanPath(path: string): string {
  const elements = path.split("/").filter((element) => element !== "" && element !== ".");
  if (path.startsWith("/") && !path.includes("\0") && !elements.includes("..")) return `/${elements.join("/")}`;
  throw new OperationalError("bad-path", `${JSON.stringify(sanitise(path))} is no absolute path of a folder`);
}
