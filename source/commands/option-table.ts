/**
 * Options declared once: parsing, the typed values and the help text all come from the same table, so they cannot
 * disagree.
 */
import { messageOf, OperationalError } from "../base/errors.ts";
import { nearestName } from "../base/nearest-name.ts";
import { builtinUtil } from "../platform/builtins.ts";

export interface FlagOption {
  readonly kind: "flag";
  readonly short?: string;
  readonly help: string;
  /** Not in the help: for p2p-tui itself. */
  readonly isHidden?: boolean;
}

export interface ValueOption<T> {
  readonly kind: "value";
  readonly short?: string;
  /** How help names the value: `FILE`, or the words it may be: `stop|keep`. Completion goes by it, too. */
  readonly placeholder: string;
  readonly help: string;
  readonly isHidden?: boolean;
  /** @throws OperationalError. */
  readonly parse: (text: string) => T;
}

/** May be given several times. */
export interface ListOption<T> {
  readonly kind: "list";
  readonly short?: string;
  readonly placeholder: string;
  readonly help: string;
  readonly isHidden?: boolean;
  readonly parse: (text: string) => T;
}

export type Option = FlagOption | ValueOption<unknown> | ListOption<unknown>;
export type OptionTable = Readonly<Record<string, Option>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends FlagOption
    ? boolean
    : Table[Name] extends ListOption<infer T>
      ? readonly T[]
      : Table[Name] extends ValueOption<infer T>
        ? T | undefined
        : never;
};

/** What the user typed cannot be meant: exit code 2. */
export class UsageError extends OperationalError {
  override readonly name = "UsageError";
  constructor(message: string) {
    super("usage", message);
  }
}

/** No command line of a person has more; the system's own limit is far above. */
const argumentsMax = 100_000;

/**
 * @param takesDashWords `-this` is an argument where no option is called so; one letter still is an option.
 * @throws UsageError.
 */
export function parseOptions<Table extends OptionTable>(
  table: Table,
  args: readonly string[],
  takesDashWords = false,
): { readonly values: OptionValues<Table>; readonly positionals: readonly string[] } {
  if (args.length > argumentsMax) throw new UsageError("too many arguments");
  const config = Object.fromEntries(
    Object.entries(table).map(([name, option]) => [
      name,
      {
        type: option.kind === "flag" ? ("boolean" as const) : ("string" as const),
        multiple: option.kind === "list",
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
  const { parseArgs } = builtinUtil();
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: takesDashWords ? guarded(table, args) : [...args],
      options: config,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // Node explains at length how `--` works; its first sentence is what matters.
    const [sentence = "unknown option"] = messageOf(error).split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, "")}${meantText(table, sentence)}`);
  }
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const given = parsed.values[name];
    if (option.kind === "flag") values[name] = given === true;
    else if (option.kind === "list")
      values[name] = (Array.isArray(given) ? given : []).map((text) => take(name, option, text));
    else values[name] = given === undefined ? undefined : take(name, option, given);
  }
  const positionals = parsed.positionals.map((word) => (word.startsWith(guard) ? word.slice(guard.length) : word));
  return { values: values as OptionValues<Table>, positionals };
}

function meantText(table: OptionTable, sentence: string): string {
  const [, word] = /^Unknown option '--([^']+)'/.exec(sentence) ?? [];
  const names = Object.keys(table).filter((name) => table[name]?.isHidden !== true);
  const name = word === undefined ? undefined : nearestName(word, names);
  return name === undefined ? "" : `; did you mean --${name}?`;
}

/** No argument of a process begins so: what does is kept from being read as an option. */
const guard = "\0";

function guarded(table: OptionTable, args: readonly string[]): string[] {
  const options = Object.values(table).map(({ short }) => `-${short ?? ""}`);
  const end = args.indexOf("--");
  return args.map((word, i) => {
    const mayBeOption = (end < 0 || i < end) && /^-[^-]/.test(word);
    return mayBeOption && !options.includes(word) ? `${guard}${word}` : word;
  });
}

function take(name: string, option: ValueOption<unknown> | ListOption<unknown>, text: unknown): unknown {
  try {
    return option.parse(String(text));
  } catch (error) {
    if (error instanceof OperationalError) throw new UsageError(`--${name}: ${error.message}`);
    throw error;
  }
}

/** The options as lines of help, widest first column aligned. */
export function describeOptions(table: OptionTable): string {
  const rows = Object.entries(table)
    .filter(([, option]) => option.isHidden !== true)
    .map(([name, option]) => {
      const short = option.short === undefined ? "    " : `-${option.short}, `;
      const value = option.kind === "flag" ? "" : ` ${option.placeholder}`;
      return [`  ${short}--${name}${value}`, option.help] as const;
    });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows
    .map(([left, help]) => `${left.padEnd(width)}${help.replaceAll("\n", `\n${" ".repeat(width)}`)}`)
    .join("\n");
}
