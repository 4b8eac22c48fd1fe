/** From what Ink says about input to the names of keys. */

/** What Ink says about a key press, as far as it matters here. */
export interface InkKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageUp: boolean;
  readonly pageDown: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

/** Key presses merged into one text in the time of one read; more than this at once is not typing. */
const mergedKeysMax = 256;

/**
 * The names of the keys in one input event. Keys pressed quickly arrive as one text ("jjj"), so it is taken apart.
 * Printable keys are named by their character.
 */
export function keyNames(input: string, key: InkKey): readonly string[] {
  // Esc with a key right after it: on a slow line both come at once. With an arrow it may as well be Alt.
  return key.meta && !isArrow(key) ? ["escape", ...namesOf(input, key)] : namesOf(input, key);
}

function namesOf(input: string, key: InkKey): readonly string[] {
  if (key.upArrow) return [key.shift ? "shift+up" : "up"];
  if (key.downArrow) return [key.shift ? "shift+down" : "down"];
  if (key.leftArrow) return ["left"];
  if (key.rightArrow) return ["right"];
  if (key.pageUp) return ["pageup"];
  if (key.pageDown) return ["pagedown"];
  if (key.home) return ["home"];
  if (key.end) return ["end"];
  if (key.return) return ["enter"];
  if (key.tab) return [key.shift ? "shift+tab" : "tab"];
  if (key.backspace) return ["backspace"];
  if (key.delete) return ["delete"];
  if (key.escape && input === "") return ["escape"];
  if (key.ctrl) return input === "" ? [] : [`ctrl+${input}`];
  const names: string[] = [];
  for (const character of input) {
    if (names.length >= mergedKeysMax) break;
    const name = nameOfCharacter(character);
    if (name !== undefined) names.push(name);
  }
  return names;
}

function isArrow({ upArrow, downArrow, leftArrow, rightArrow, pageUp, pageDown, home, end, delete: isDelete }: InkKey) {
  return upArrow || downArrow || leftArrow || rightArrow || pageUp || pageDown || home || end || isDelete;
}

function nameOfCharacter(character: string): string | undefined {
  switch (character) {
    case "\r":
    case "\n":
      return "enter";
    case "\t":
      return "tab";
    case "\x1b":
      return "escape";
    case "\x7f":
    case "\b":
      return "backspace";
    default:
  }
  const code = character.codePointAt(0) ?? 0;
  if (code >= 1 && code <= 26) return `ctrl+${String.fromCharCode(code + 96)}`;
  return code < 32 ? undefined : character;
}
