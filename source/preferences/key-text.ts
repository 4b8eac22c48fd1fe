/** How keys are written: in the settings file (`up k`), and on the screen (`↑ k`). */

/** Keys that have a word, by the name that the UI's input gives them. */
const words: ReadonlyMap<string, { readonly word: string; readonly label: string }> = new Map([
  ["up", { word: "up", label: "↑" }],
  ["down", { word: "down", label: "↓" }],
  ["shift+up", { word: "shift+up", label: "⇧↑" }],
  ["shift+down", { word: "shift+down", label: "⇧↓" }],
  ["left", { word: "left", label: "←" }],
  ["right", { word: "right", label: "→" }],
  ["pageup", { word: "pageup", label: "PgUp" }],
  ["pagedown", { word: "pagedown", label: "PgDn" }],
  ["home", { word: "home", label: "Home" }],
  ["end", { word: "end", label: "End" }],
  ["enter", { word: "enter", label: "Enter" }],
  ["tab", { word: "tab", label: "Tab" }],
  ["shift+tab", { word: "shift+tab", label: "⇧Tab" }],
  ["backspace", { word: "backspace", label: "Bksp" }],
  ["delete", { word: "delete", label: "Del" }],
  [" ", { word: "space", label: "Space" }],
  ["escape", { word: "escape", label: "Esc" }],
]);
const nameByWord = new Map([...words].map(([name, { word }]) => [word, name]));

/** They always mean what they mean: the way out must not be lost. */
export const fixedKeys: ReadonlySet<string> = new Set(["escape", "ctrl+c"]);

/** What a terminal sends for these is what it sends for another key. */
const sameAs: ReadonlyMap<string, string> = new Map([
  ["ctrl+h", "backspace"],
  ["ctrl+i", "tab"],
  ["ctrl+j", "enter"],
  ["ctrl+m", "enter"],
]);

/** Of one command: more hands than anybody has. */
const keysMax = 8;
/** Of the text: `keysMax` of the longest words. */
export const keyTextLengthMax = 100;
/** Instead of keys: the command is left to the palette. */
const noKeys = "none";

export type KeysRead = { readonly keys: readonly string[] } | { readonly problem: string };

/** @param text keys with spaces between them, or `none`. Each key counts once. @returns their names, or what is wrong. */
export function readKeys(text: string): KeysRead {
  if (text.length > keyTextLengthMax) return { problem: `keys are at most ${keyTextLengthMax} characters` };
  const given = text.split(" ").filter((word) => word !== "");
  if (given.length === 1 && given[0] === noKeys) return { keys: [] };
  if (given.length === 0) return { problem: `it has no key; "${noKeys}" is how to say so` };
  const keys = new Set<string>();
  for (const word of given) {
    const read = readKey(word);
    if ("problem" in read) return read;
    keys.add(read.key);
  }
  if (keys.size > keysMax) return { problem: `a command has at most ${keysMax} keys` };
  return { keys: [...keys] };
}

/** @param keys names. `readKeys` gives them back. */
export function writeKeys(keys: readonly string[]): string {
  return keys.length === 0 ? noKeys : keys.map((key) => words.get(key)?.word ?? key).join(" ");
}

/** As it is shown; "" where there is none. */
export function labelOfKey(key: string): string {
  if (key.startsWith("ctrl+")) return `Ctrl-${key.slice(5).toUpperCase()}`;
  return words.get(key)?.label ?? key;
}

function readKey(word: string): { readonly key: string } | { readonly problem: string } {
  const isCharacter = [...word].length === 1;
  const lower = isCharacter ? word : word.toLowerCase();
  const key = nameByWord.get(lower) ?? lower;
  if (fixedKeys.has(key) || lower === "esc") {
    return { problem: `${lower} always means the way out` };
  }
  const same = sameAs.get(key);
  if (same !== undefined) return { problem: `to a terminal, ${key} is ${same}` };
  const isKey = isCharacter ? /^[^\p{C}\p{Z}\p{M}]$/u.test(word) : words.has(key) || /^ctrl\+[a-z]$/.test(key);
  return isKey ? { key } : { problem: `${JSON.stringify(word)} is no key` };
}
