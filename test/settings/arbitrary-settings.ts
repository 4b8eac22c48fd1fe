/** Values of each setting, for property tests. */
import fc from "fast-check";
import { listColumns } from "../../source/preferences/list-columns.ts";
import { type SettingEntry, settingEntries } from "../../source/settings/settings.ts";
import * as types from "../../source/settings/value-types.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  fc.constantFrom('"', "'", '"""', "\\", "#", "= 1", "[x]\ny = 2", "\u007f", "\r\n", "\ufeff", "é😀"),
);
const usable = text.filter((each) => each.isWellFormed() && !each.includes("\0"));
const path = usable.map((each) => `/${each}`);
const paths = fc.array(path, { maxLength: 3 });
const spans = fc.array(fc.constantFrom("mon-fri 08:00-18:00", "daily 22:00-06:00"), { maxLength: 3 });
const rate = fc.oneof(
  fc.nat(),
  fc.nat(5000).map((count) => count * 1e6),
  fc.nat(5000).map((count) => count * 1024),
);
const minutes = fc.oneof(
  fc.nat(5000),
  fc.nat(90).map((days) => days * 1440),
  fc.nat(90).map((hours) => hours * 60),
);
const command = fc.oneof(
  fc.constant([]),
  fc
    .tuple(path, fc.array(fc.oneof(usable, fc.constant("")), { maxLength: 3 }))
    .map(([program, rest]) => [program, ...rest]),
);

/** By key where the type does not say it. */
const special: Readonly<Record<string, fc.Arbitrary<types.SettingValue>>> = {
  "downloads.directory": path,
  "downloads.watch": paths,
  "downloads.on-complete": command,
  "downloads.move-when-complete": fc.option(path),
  "network.port": fc.option(fc.nat(65_535)),
  "network.bind": fc.option(fc.constantFrom("127.0.0.1", "::1", "2001:db8::1")),
  "network.connections": fc.integer({ min: 1, max: 100_000 }),
  "network.connections-per-torrent": fc.integer({ min: 1, max: 100_000 }),
  "dht.bootstrap": fc.array(fc.constantFrom("router.example:6881", "192.0.2.1:1", "[2001:db8::1]:65535"), {
    maxLength: 4,
  }),
  "limits.slots": fc.integer({ min: 0, max: 500 }),
  "limits.alternative.schedule": spans,
  "queue.downloads": fc.nat(100_000),
  "queue.seeds": fc.nat(100_000),
  "seeding.ratio": fc.double({ min: 0, max: 100_000, noNaN: true }).map((ratio) => ratio + 0),
  "filter.files": paths,
  "ui.columns": fc.uniqueArray(fc.constantFrom(...listColumns), { maxLength: 5 }),
};

export function valueOfSetting({ key, setting }: SettingEntry): fc.Arbitrary<types.SettingValue> {
  const { type } = setting;
  const known = special[key];
  if (known !== undefined) return known;
  if (type.expected === types.truth.expected) return fc.boolean();
  if (type.expected === types.rate.expected) return rate;
  if (type.expected === types.minutes.expected) return minutes;
  if (type.expected === types.keys.expected) {
    // One that nothing else has: what holds must not depend on the others.
    const own = String.fromCodePoint(0x4e00 + settingEntries.findIndex((entry) => entry.key === key));
    return fc.constantFrom("none", own);
  }
  if (type.words !== undefined) return fc.constantFrom(...type.words);
  throw new Error(`no values are known of ${key}`);
}
