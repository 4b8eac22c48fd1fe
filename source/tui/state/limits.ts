/**
 * The limits of all torrents together, as lines to be typed: rates, slots, the alternative limits and when they hold, the
 * queue. A line that stands as it was changes nothing. Pure.
 */
import { messageOf, OperationalError } from "../../base/errors.ts";
import type { Command, SessionRow } from "../../control/protocol.ts";
import type { SettingChange, SettingRow } from "../../control/settings-protocol.ts";
import { clampIndex } from "../layout/scroll.ts";
import type { AppState } from "./app-state.ts";
import { rateStep, rateText, readRate } from "./rate-text.ts";
import { backText } from "./settings-dialog.ts";
import { editKey, type TextInput } from "./text-input.ts";

export interface LimitsOverlay {
  readonly kind: "limits";
  /** Of `limitFields`, in their order; and as they were at first. */
  readonly texts: readonly string[];
  readonly before: readonly string[];
  readonly cursor: number;
  readonly caret: number;
  readonly error: string;
  readonly isBusy: boolean;
}

interface LimitField {
  readonly title: string;
  readonly kind: "rate" | "count" | "switch" | "spans";
  /** Of the setting; "" for the switch of the alternative limits. */
  readonly key: string;
  readonly hint: string;
}

const rates = "2MB, 500KiB, none";

export const limitFields: readonly LimitField[] = [
  { title: "Download at most", kind: "rate", key: "limits.down", hint: rates },
  { title: "Upload at most", kind: "rate", key: "limits.up", hint: rates },
  { title: "Upload slots", kind: "count", key: "limits.slots", hint: "of each torrent; 0: by the rate" },
  { title: "Alternative limits", kind: "switch", key: "", hint: "on, off, auto: by the times" },
  { title: "  download", kind: "rate", key: "limits.alternative.down", hint: rates },
  { title: "  upload", kind: "rate", key: "limits.alternative.up", hint: rates },
  { title: "  times", kind: "spans", key: "limits.alternative.schedule", hint: "mon-fri 08:00-18:00, …" },
  { title: "Downloads at once", kind: "count", key: "queue.downloads", hint: "the others wait; 0: all" },
  { title: "Seeds at once", kind: "count", key: "queue.seeds", hint: "the others wait; 0: all" },
];

/** Of an engine without a settings file: the first two lines. */
export function shownFields(state: AppState): readonly LimitField[] {
  return state.settings === null ? limitFields.slice(0, 2) : limitFields;
}

const switchWords = ["auto", "on", "off"] as const;

export function openLimits(state: AppState): AppState {
  const { session, settings } = state;
  if (session === null) return state;
  const rows = new Map((settings?.settings ?? []).map((row) => [row.key, row]));
  const before = shownFields(state).map(({ kind, key }) => textOf(kind, rows.get(key), session, key));
  const overlay: LimitsOverlay = {
    kind: "limits",
    texts: before,
    before,
    cursor: 0,
    caret: 0,
    error: "",
    isBusy: false,
  };
  return { ...state, overlay: toLine(overlay, 0) };
}

function textOf(kind: LimitField["kind"], row: SettingRow | undefined, session: SessionRow, key: string): string {
  const { alternative, maxDownRate, maxUpRate } = session;
  if (kind === "switch") return alternative.isByHand ? (alternative.isOn ? "on" : "off") : "auto";
  if (row === undefined) return rateText(key === "limits.down" ? maxDownRate : maxUpRate);
  const { value } = row;
  if (kind === "rate") return rateText(Number(value));
  return Array.isArray(value) ? value.join(", ") : String(value);
}

export function toLine(overlay: LimitsOverlay, cursor: number): LimitsOverlay {
  const line = clampIndex(cursor, overlay.texts.length);
  return { ...overlay, cursor: line, caret: overlay.texts[line]?.length ?? 0 };
}

export function limitsKey(state: AppState, overlay: LimitsOverlay, key: string): LimitsOverlay {
  if (overlay.isBusy) return overlay;
  const field = limitFields[overlay.cursor];
  switch (key) {
    case "up":
    case "shift+tab":
    case "ctrl+p":
      return toLine(overlay, overlay.cursor - 1);
    case "down":
    case "tab":
    case "ctrl+n":
      return toLine(overlay, overlay.cursor + 1);
    case "+":
    case "=":
    case "-":
    case "_":
      return stepped(state, overlay, key === "+" || key === "=" ? 1 : -1);
    case " ":
    case "left":
    case "right":
      if (field?.kind === "switch") return stepped(state, overlay, key === "left" ? -1 : 1);
      break;
    default:
  }
  return field?.kind === "switch" ? overlay : withLimit(overlay, (input) => editKey(input, key) ?? input);
}

export function withLimit(overlay: LimitsOverlay, edit: (input: TextInput) => TextInput): LimitsOverlay {
  const { text, caret } = edit({ text: overlay.texts[overlay.cursor] ?? "", caret: overlay.caret });
  return { ...overlay, texts: overlay.texts.with(overlay.cursor, text), caret, error: "" };
}

/** A little more, or less. */
function stepped(state: AppState, overlay: LimitsOverlay, step: 1 | -1): LimitsOverlay {
  const field = limitFields[overlay.cursor];
  const text = overlay.texts[overlay.cursor] ?? "";
  const to = (next: string): LimitsOverlay => withLimit(overlay, () => ({ text: next, caret: next.length }));
  switch (field?.kind) {
    case "rate":
      try {
        const { downRate = 0, upRate = 0 } = state.session ?? {};
        return to(rateText(rateStep(readRate(text), step, field.key.endsWith("down") ? downRate : upRate)));
      } catch {
        return overlay;
      }
    case "count":
      return /^\d{1,9}$/.test(text) ? to(String(Math.max(0, Number(text) + step))) : overlay;
    case "switch": {
      const at = switchWords.indexOf(modeOf(text));
      return to(switchWords[(at + step + switchWords.length) % switchWords.length] ?? "auto");
    }
    default:
      // Its times have a minus in them.
      return step < 0 ? withLimit(overlay, (input) => editKey(input, "-") ?? input) : overlay;
  }
}

export interface LimitsRead {
  readonly commands: readonly Command[];
  /** What takes them back. */
  readonly back: readonly Command[];
}

/** @returns what is to be asked, or which line is wrong. */
export function readLimits(
  state: AppState,
  { texts, before }: LimitsOverlay,
): LimitsRead | { readonly line: number; readonly message: string } {
  const changes: SettingChange[] = [];
  const back: SettingChange[] = [];
  const commands: Command[] = [];
  const backCommands: Command[] = [];
  const rates = { maxDownRate: 0, maxUpRate: 0 };
  for (const [line, { kind, key }] of shownFields(state).entries()) {
    const text = (texts[line] ?? "").trim();
    try {
      if (state.settings === null) Object.assign(rates, { [line === 0 ? "maxDownRate" : "maxUpRate"]: readRate(text) });
      else if (text !== before[line]) {
        if (kind === "switch") {
          commands.push({ name: "alternative", mode: modeOf(text) });
          backCommands.push({ name: "alternative", mode: modeOf(before[line] ?? "auto") });
        } else {
          changes.push({ key, text: written(kind, text) });
          back.push({ key, text: wasWritten(state, key) });
        }
      }
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return { line, message: messageOf(error) };
    }
  }
  if (state.settings === null) {
    const isSame = texts.every((text, i) => text === before[i]);
    const { maxDownRate = 0, maxUpRate = 0 } = state.session ?? {};
    return isSame
      ? { commands: [], back: [] }
      : { commands: [{ name: "limits", ...rates }], back: [{ name: "limits", maxDownRate, maxUpRate }] };
  }
  if (changes.length > 0) {
    commands.unshift({ name: "set", changes });
    backCommands.unshift({ name: "set", changes: back });
  }
  return { commands, back: backCommands };
}

function modeOf(text: string): "on" | "off" | "auto" {
  return text === "on" || text === "off" ? text : "auto";
}

/** As the settings file has it. */
function written(kind: LimitField["kind"], text: string): string {
  switch (kind) {
    case "rate":
      return String(readRate(text));
    case "spans": {
      const spans = text.split(",").map((span) => span.trim());
      return JSON.stringify(joined(spans.filter((span) => span !== "")));
    }
    default:
      return text;
  }
}

/** Days have commas between them, too: `sat,sun 22:00-06:00` is one. */
function joined(parts: readonly string[]): readonly string[] {
  const spans: string[] = [];
  let days = "";
  for (const part of parts) {
    const whole = days === "" ? part : `${days},${part}`;
    if (/\d:\d/.test(part)) {
      spans.push(whole);
      days = "";
    } else days = whole;
  }
  return days === "" ? spans : [...spans, days];
}

function wasWritten(state: AppState, key: string): string {
  const row = state.settings?.settings.find((each) => each.key === key);
  return row === undefined ? "" : backText(row);
}
