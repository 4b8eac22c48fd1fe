/**
 * Notifications of the desktop, as terminals take them: an escape sequence with a text in it, which those that know it show
 * and all others ignore. Nothing of the text can end the sequence or begin another.
 */
import { sanitise } from "../../base/sanitise.ts";
import type { Environment } from "./capabilities.ts";

/** Which sequence: iTerm2's (9), that of rxvt (777) or kitty's (99); and what has to be let through before. */
export interface NotificationWay {
  readonly sequence: 9 | 777 | 99;
  readonly through: "tmux" | "screen" | null;
}

/** A line of a notification has no more; and GNU screen lets through 768 bytes at most. */
const textLengthMax = 200;

/** @returns `undefined` where the terminal has nowhere to show them. */
export function detectNotification(env: Environment): NotificationWay | undefined {
  const term = env.TERM ?? "";
  if (term === "" || /^(?:dumb|linux|vt\d+|cons\d+)/.test(term)) return undefined;
  const through = isSet(env.TMUX) ? "tmux" : isSet(env.STY) ? "screen" : null;
  return { sequence: sequenceOf(env, term), through };
}

/** Inside of tmux or screen the variables of the terminal around are often there still. */
function sequenceOf(env: Environment, term: string): NotificationWay["sequence"] {
  const program = `${env.TERM_PROGRAM ?? ""} ${env.LC_TERMINAL ?? ""} ${term}`.toLowerCase();
  if (isSet(env.KITTY_WINDOW_ID) || program.includes("kitty")) return 99;
  const knows777 = isSet(env.KONSOLE_VERSION) || isSet(env.WEZTERM_PANE) || /ghostty|wezterm|foot|rxvt/.test(program);
  // iTerm2's is the oldest: most that know any know it.
  return knows777 ? 777 : 9;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** @param text may come from outside. @returns what to write to the terminal. */
export function notification(way: NotificationWay, text: string): string {
  const clean = sanitise(text, textLengthMax);
  switch (way.sequence) {
    case 9:
      return passed(way, `\x1b]9;p2p-tui: ${clean}\x07`);
    case 99:
      return passed(way, `\x1b]99;;p2p-tui: ${clean}\x07`);
    case 777:
      // Its parts are told apart by semicolons.
      return passed(way, `\x1b]777;notify;p2p-tui;${clean.replaceAll(";", ",")}\x07`);
  }
}

function passed({ through }: NotificationWay, sequence: string): string {
  switch (through) {
    case null:
      return sequence;
    case "tmux":
      // Where its `allow-passthrough` is off it drops this.
      return `\x1bPtmux;${sequence.replaceAll("\x1b", "\x1b\x1b")}\x1b\\`;
    case "screen":
      return `\x1bP${sequence}\x1b\\`;
  }
}
