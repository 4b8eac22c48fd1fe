/** Addresses and networks that the user will have nothing to do with, kept in the profile. */
import { OperationalError } from "../../base/errors.ts";
import { cidrRange, cidrText } from "../../base/ip-cidr.ts";
import { IpRanges, IpRangesBuilder } from "../../base/ip-ranges.ts";
import { fieldsOf, listOf, textOf } from "../../base/json-fields.ts";
import { ProfileRecord, type RecordKind, type RecordPlace } from "../profile/profile-record.ts";

/** More is a list for a filter file. */
export const bansMax = 10_000;

interface BanRecord {
  readonly bans: readonly string[];
}

const recordKind: RecordKind<BanRecord> = {
  name: "bans",
  what: "the list of banned addresses",
  version: 1,
  lengthMax: 1024 * 1024,
  read: (value) => ({ bans: listOf(fieldsOf<BanRecord>(value).bans).slice(0, bansMax).map(textOf).map(networkOf) }),
};

export class BanList {
  readonly #record: ProfileRecord<BanRecord>;
  #entries: readonly string[] = [];
  #ranges = IpRanges.none;
  /** Changes follow one another. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param place where it is absent, bans end with the program. */
  constructor(place: RecordPlace | undefined) {
    this.#record = new ProfileRecord(place, recordKind);
  }

  /** Takes up what earlier runs banned. Never fails: what cannot be read is reported. */
  async load(): Promise<void> {
    await this.#record.load(({ bans }) => this.#take(bans));
  }

  /** Canonical, in the order they were banned. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  has(address: string): boolean {
    return this.#ranges.has(address);
  }

  /**
   * All or none; on the disk, and in force, when it resolves. One that is banned already stays.
   * @param texts addresses, or networks in CIDR notation.
   * @throws OperationalError `bad-address`, `too-many-bans`, or what the disk says.
   */
  ban(texts: readonly string[]): Promise<void> {
    return this.#change(texts, (entries, named) => {
      const all = [...new Set([...entries, ...named])];
      if (all.length <= bansMax) return all;
      throw new OperationalError("too-many-bans", `at most ${bansMax} can be banned by hand; a filter file takes more`);
    });
  }

  /** All or none, as `ban`. @throws OperationalError `bad-address`, `not-banned`, or what the disk says. */
  unban(texts: readonly string[]): Promise<void> {
    return this.#change(texts, (entries, named) => {
      for (const text of named) if (!entries.includes(text)) throw this.#notBanned(text);
      return entries.filter((entry) => !named.includes(entry));
    });
  }

  async #change(
    texts: readonly string[],
    changed: (entries: readonly string[], named: readonly string[]) => readonly string[],
  ): Promise<void> {
    const named = texts.map(networkOf);
    const change = this.#turn.then(async () => {
      await this.#record.catchUp();
      const bans = changed(this.#entries, named);
      await this.#record.save(() => ({ bans }));
      this.#take(bans);
    });
    this.#turn = change.catch(() => {});
    await change;
  }

  #take(entries: readonly string[]): void {
    const builder = new IpRangesBuilder();
    for (const entry of entries) {
      const range = cidrRange(entry);
      if (range !== undefined) builder.add(range.first, range.last);
    }
    const build = builder.build();
    let step = build.next();
    while (step.done !== true) step = build.next();
    this.#entries = entries;
    this.#ranges = step.value;
  }

  #notBanned(text: string): OperationalError {
    const around = this.#ranges.has(text) ? ": it is part of a network that is" : "";
    return new OperationalError("not-banned", `${text} is not banned${around}`);
  }
}

function networkOf(text: string): string {
  const range = cidrRange(text);
  if (range !== undefined) return cidrText(range);
  throw new OperationalError("bad-address", `${JSON.stringify(text.slice(0, 100))} is no address and no network`);
}
