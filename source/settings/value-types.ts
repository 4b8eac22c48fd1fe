/**
 * The kinds of value that a setting may have: how each is read from TOML and from a word on a command line, and how it is
 * written. Whatever is given, `read` returns a value in its range or throws an OperationalError `bad-setting`.
 */
import { OperationalError } from "../base/errors.ts";
import { addressOrInterface as ipAddressOrInterface, parseHostPort } from "../base/ip-address.ts";
import { parseSize } from "../base/units.ts";
import { readKeys, writeKeys } from "../preferences/key-text.ts";
import { parseSpan } from "./schedule-span.ts";

/** What a setting may hold: plain data, so that it can cross the control protocol as it is. */
export type SettingValue = string | number | boolean | null | readonly string[];

/** What paths in the file and some defaults depend on. Absolute. */
export interface Places {
  /** Some accounts have none: then `~` is nothing. */
  readonly home: string | undefined;
  /** The user's download folder, as the desktop knows it. */
  readonly downloads: string;
}

export interface ValueType<Value extends SettingValue> {
  /** Completes "… is not": `a whole number from 0 to 65535`. */
  readonly expected: string;
  /** Where it is one of a few words. */
  readonly words?: readonly string[];
  /** @param given as TOML has it. @throws OperationalError `bad-setting`. */
  read(given: unknown, places: Places): Value;
  /** What TOML would have in place of this word of a command line. */
  fromText(text: string): unknown;
  /** As TOML, on one line. `read` gives the same value again. */
  write(value: Value): string;
}

/** UTF-16 units of one text: Linux's PATH_MAX, and more than any address or argument of use. */
const textLengthMax = 4096;
/** Items of a list. */
const listLengthMax = 64;
/** A terabyte each second: beyond it a limit is none. */
const rateMax = 1e12;
/** Of rates, times and addresses: beyond it there is no sense in them. */
const wordLengthMax = 100;
/** RFC 1035 has 253 for a name. */
const hostLengthMax = 260;
/** Ten years. */
const minutesMax = 10 * 366 * 1440;

export const truth: ValueType<boolean> = {
  expected: "true or false",
  words: ["true", "false"],
  read: (given) => (typeof given === "boolean" ? given : refuse(given, truth.expected)),
  fromText: (text) => (text === "true" || text === "false" ? text === "true" : text),
  write: String,
};

/** A whole number in `min` … `max`. */
export function whole(min: number, max: number): ValueType<number> {
  return number(
    `a whole number from ${min} to ${max}`,
    (given) => Number.isInteger(given) && given >= min && given <= max,
  );
}

/** Any number in `min` … `max`, with a fraction or without. */
export function decimal(min: number, max: number): ValueType<number> {
  return number(`a number from ${min} to ${max}`, (given) => given >= min && given <= max);
}

function number(expected: string, isRight: (given: number) => boolean): ValueType<number> {
  return {
    expected,
    // `+ 0` makes an ordinary zero of -0.
    read: (given) => (typeof given === "number" && isRight(given) ? given + 0 : refuse(given, expected)),
    fromText: (text) => (/^\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : text),
    write: String,
  };
}

/** Bytes a second, 0 for no limit. */
export const rate: ValueType<number> = {
  expected: 'a rate such as "2 MB" or "500 KiB", or a number of bytes a second; 0 for no limit',
  read: (given) => {
    const bytes = typeof given === "string" ? sizeOf(given) : given;
    const isRight = typeof bytes === "number" && Number.isInteger(bytes) && bytes >= 0 && bytes <= rateMax;
    return isRight ? bytes + 0 : refuse(given, rate.expected);
  },
  fromText: (text) => text,
  write: (bytes) => {
    for (const [unit, factor] of rateUnits) {
      if (bytes > 0 && bytes % factor === 0) return `"${bytes / factor} ${unit}"`;
    }
    return String(bytes);
  },
};

const rateUnits = [
  ["GB", 1e9],
  ["GiB", 1024 ** 3],
  ["MB", 1e6],
  ["MiB", 1024 ** 2],
  ["KB", 1000],
  ["KiB", 1024],
] as const;

function sizeOf(text: string): number | undefined {
  if (text.length > wordLengthMax) return undefined;
  try {
    return parseSize(text);
  } catch {
    return undefined;
  }
}

/** Minutes, 0 for none. */
export const minutes: ValueType<number> = {
  expected: 'a time such as "3 days" or "12 hours", or a number of minutes; 0 for none',
  read: (given) => {
    const count = typeof given === "string" ? minutesOf(given) : given;
    const isRight = typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= minutesMax;
    return isRight ? count + 0 : refuse(given, minutes.expected);
  },
  fromText: (text) => text,
  write: (count) => {
    if (count === 0) return "0";
    if (count % 1440 === 0) return count === 1440 ? '"1 day"' : `"${count / 1440} days"`;
    if (count % 60 === 0) return count === 60 ? '"1 hour"' : `"${count / 60} hours"`;
    return String(count);
  },
};

function minutesOf(text: string): number | undefined {
  if (text.length > wordLengthMax) return undefined;
  const match = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*(?:(m|min|minutes?)|(h|hours?)|(d|days?)|(w|weeks?))?\s*$/i.exec(text);
  if (match === null) return undefined;
  const [, count, , hours, days, weeks] = match;
  const factor = weeks !== undefined ? 10_080 : days !== undefined ? 1440 : hours !== undefined ? 60 : 1;
  return Math.round(Number(count) * factor);
}

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ValueType<Word> {
  const expected = words.map((word) => JSON.stringify(word)).join(", ");
  return {
    expected: `one of ${expected}`,
    words,
    read: (given) => words.find((word) => word === given) ?? refuse(given, `one of ${expected}`),
    fromText: (text) => text,
    write: tomlText,
  };
}

const preallocations = oneOf("off", "quick", "full");
/** True and false, which it once was, are understood. */
export const preallocation: typeof preallocations = {
  ...preallocations,
  fromText: truth.fromText,
  read: (given, places) => {
    if (typeof given === "boolean") return given ? "full" : "off";
    return preallocations.read(given, places);
  },
};

/** Canonical, so that two ways of writing an address are one. */
export const addressOrInterface: ValueType<string> = {
  expected: "an IP address or the name of a network interface",
  read: (given) => {
    const isShort = typeof given === "string" && given.length <= wordLengthMax;
    const canonical = isShort ? ipAddressOrInterface(given) : undefined;
    return canonical ?? refuse(given, addressOrInterface.expected);
  },
  fromText: (text) => text,
  write: tomlText,
};

/** Absolute; `~` stands for the home folder. */
export const path: ValueType<string> = {
  expected: 'an absolute path, or one that begins with "~/"',
  read: (given, places) => {
    const absolute = expandHome(text.read(given, places), places);
    return absolute.startsWith("/") ? absolute : refuse(given, path.expected);
  },
  fromText: (given) => given,
  write: tomlText,
};

/** Not empty. */
const text: ValueType<string> = {
  expected: `a text of at most ${textLengthMax} characters`,
  read: (given) => {
    const isRight =
      typeof given === "string" &&
      given !== "" &&
      given.length <= textLengthMax &&
      given.isWellFormed() &&
      !given.includes("\0");
    return isRight ? given : refuse(given, text.expected);
  },
  fromText: (given) => given,
  write: tomlText,
};

/** A span of the week, see `parseSpan`. */
export const span: ValueType<string> = {
  expected: 'a span of the week such as "mon-fri 08:00-18:00"',
  read: (given) => (typeof given === "string" && parseSpan(given) !== undefined ? given : refuse(given, span.expected)),
  fromText: (given) => given,
  write: tomlText,
};

/** @param items how people call what is in it: `folders`. */
export function listOf(items: string, item: ValueType<string>): ValueType<readonly string[]> {
  const expected = `a list of ${items}, at most ${listLengthMax}`;
  return {
    expected,
    read: (given, places) => {
      if (!Array.isArray(given) || given.length > listLengthMax) return refuse(given, expected);
      return given.map((each: unknown) => item.read(each, places));
    },
    // One item may be given as it is: it is rare that there are more.
    fromText: (given) => (given.startsWith("[") ? listFromText(given) : [given]),
    write: tomlList,
  };
}

/** `HOST:PORT`, `[IPV6]:PORT`. */
export const hostAndPort: ValueType<string> = {
  expected: 'a host and a port, such as "router.example:6881" or "[2001:db8::1]:6881"',
  read: (given) => {
    if (typeof given !== "string" || given.length > hostLengthMax) return refuse(given, hostAndPort.expected);
    try {
      parseHostPort(given);
    } catch {
      return refuse(given, hostAndPort.expected);
    }
    return given;
  },
  fromText: (given) => given,
  write: tomlText,
};

/** Keys of the UI, as `readKeys` takes them; canonical. */
export const keys: ValueType<string> = {
  expected: 'keys with spaces between them, such as "p" or "up k", or "none"',
  read: (given) => {
    if (typeof given !== "string") return refuse(given, keys.expected);
    const read = readKeys(given);
    if ("problem" in read) throw new OperationalError("bad-setting", read.problem);
    return writeKeys(read.keys);
  },
  fromText: (given) => given,
  write: tomlText,
};

/** A program and its arguments, as the system's `exec` takes them: no shell reads them. Empty for none. */
export const command: ValueType<readonly string[]> = {
  expected: `a list of a program and its arguments, at most ${listLengthMax}`,
  read: (given, places) => {
    if (!Array.isArray(given) || given.length > listLengthMax) return refuse(given, command.expected);
    const [program, ...rest] = given as readonly unknown[];
    if (given.length === 0) return [];
    const isText = (each: unknown) => each === "" || text.read(each, places) === each;
    if (!rest.every(isText)) return refuse(given, command.expected);
    return [expandHome(text.read(program, places), places), ...(rest as readonly string[])];
  },
  fromText: (given) => (given.startsWith("[") ? listFromText(given) : [given]),
  write: tomlList,
};

/** As `type`, or not set: `null`. An empty text counts as that, too. */
export function optional<Value extends SettingValue>(type: ValueType<Value>): ValueType<Value | null> {
  return {
    ...type,
    read: (given, places) => (given === "" || given === null ? null : type.read(given, places)),
    write: (value) => (value === null ? '""' : type.write(value)),
  };
}

function expandHome(given: string, { home }: Places): string {
  if (home === undefined) return given;
  return given === "~" ? home : given.startsWith("~/") ? `${home}${given.slice(1)}` : given;
}

/** `["a", "b"]` as JSON, which is how TOML writes it, too; what is no list comes back as it is, to be refused. */
function listFromText(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

/** A basic string. JSON's escapes are TOML's but for DEL, which TOML wants escaped. */
function tomlText(given: string): string {
  return JSON.stringify(given).replaceAll("\u007f", "\\u007f");
}

function tomlList(items: readonly string[]): string {
  return `[${items.map(tomlText).join(", ")}]`;
}

function refuse(given: unknown, expected: string): never {
  throw new OperationalError("bad-setting", `${shown(given)} is not ${expected}`);
}

/** What the user gave, short. */
function shown(given: unknown): string {
  switch (typeof given) {
    case "string":
      return JSON.stringify(given.length > 60 ? `${given.slice(0, 59).toWellFormed()}…` : given);
    case "number":
    case "boolean":
    case "bigint":
      return String(given);
    default:
      return Array.isArray(given) ? "this list" : "this";
  }
}
