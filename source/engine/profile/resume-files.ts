/** The resume records and journals of a profile, as files: where they are, and what they say. */
import { codeOf, OperationalError } from "../../base/errors.ts";
import { bytesToHex } from "../../base/hex.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import type { Hasher } from "../../ports/hasher.ts";
import { decodeJournal, resumeJournalLengthMax } from "../../storage/resume-journal.ts";
import { decodeResume, type ResumeRecord, resumeRecordLengthMax } from "../../storage/resume-record.ts";
import { profileError } from "./profile-error.ts";

/** What there is of a torrent; `undefined` where there is none. */
export type FoundRecord = ResumeRecord | "damaged" | undefined;

export class ResumeFiles {
  readonly #ports: { readonly files: FileSystem; readonly hasher: Hasher };
  readonly #options: { readonly folder: string; readonly kind: "list" | "records" };

  constructor(
    ports: { readonly files: FileSystem; readonly hasher: Hasher },
    options: { readonly folder: string; readonly kind: "list" | "records" },
  ) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Path of a torrent's file of that ending. */
  pathOf(infoHash: InfoHash, savePath: string, ending: string): string {
    const { folder, kind } = this.#options;
    if (kind === "list") return `${folder}/${infoHash}.${ending}`;
    const place = bytesToHex(this.#ports.hasher.sha1(new TextEncoder().encode(savePath))).slice(0, 8);
    return `${folder}/${infoHash}-${place}.${ending}`;
  }

  /** @throws OperationalError `profile-failed` where it is there and cannot be read: nobody knows what it says. */
  async read(infoHash: InfoHash, savePath: string): Promise<FoundRecord> {
    const path = this.pathOf(infoHash, savePath, "resume");
    try {
      return recordIn(await this.#ports.files.readFile(path, resumeRecordLengthMax), infoHash);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      return damagedOr(error, path);
    }
  }

  /** As `read`, at once. */
  readNow(infoHash: InfoHash, savePath: string): FoundRecord {
    const path = this.pathOf(infoHash, savePath, "resume");
    try {
      const bytes = this.#ports.files.readFileSync(path, resumeRecordLengthMax);
      return bytes === undefined ? undefined : recordIn(bytes, infoHash);
    } catch (error) {
      return damagedOr(error, path);
    }
  }

  /** The pieces that were verified since the record. One that is too long to be of this torrent names none. @throws as `read`. */
  async readJournal({ infoHash, generation }: ResumeRecord, savePath: string, pieceCount: number): Promise<number[]> {
    const path = this.pathOf(infoHash, savePath, "journal");
    try {
      const bytes = await this.#ports.files.readFile(path, resumeJournalLengthMax(pieceCount));
      return decodeJournal(bytes, infoHash, generation, pieceCount);
    } catch (error) {
      if (codeOf(error) === "ENOENT" || damagedOr(error, path) === "damaged") return [];
      throw error;
    }
  }

  /** When any of it was last changed, by the file system's clock. */
  async changedMs(infoHash: InfoHash, savePath: string): Promise<number> {
    const { files } = this.#ports;
    const journal = await files.stat(this.pathOf(infoHash, savePath, "journal"));
    const record = await files.stat(this.pathOf(infoHash, savePath, "resume"));
    return Math.max(journal?.modifiedMs ?? 0, record?.modifiedMs ?? 0);
  }

  async removeIfThere(infoHash: InfoHash, savePath: string, ending: string): Promise<void> {
    const path = this.pathOf(infoHash, savePath, ending);
    if ((await this.#ports.files.stat(path)) !== undefined) await this.#ports.files.removeFile(path);
  }
}

function damagedOr(error: unknown, path: string): "damaged" {
  // Too large for one of ours.
  if (error instanceof OperationalError) return "damaged";
  throw profileError(error, path, "read");
}

function recordIn(bytes: Uint8Array, infoHash: InfoHash): ResumeRecord | "damaged" {
  const record = decodeResume(bytes);
  return record?.infoHash === infoHash ? record : "damaged";
}
