/** A line of text being edited: pure functions on (text, caret). */
import { sanitise } from "../../base/sanitise.ts";

export interface TextInput {
  readonly text: string;
  /** In UTF-16 units, 0 … text.length. */
  readonly caret: number;
}

/** The longest magnet link that is taken; longer than any path or URL that can be opened. */
const textLengthMax = 65_536;

export function insertText(input: TextInput, text: string): TextInput {
  const room = textLengthMax - input.text.length;
  const clean = sanitise(text.replace(/[\r\n]+/g, " "), textLengthMax).slice(0, Math.max(0, room));
  return {
    text: input.text.slice(0, input.caret) + clean + input.text.slice(input.caret),
    caret: input.caret + clean.length,
  };
}

/** @param key a name from `keyNames`. @returns `undefined` where the key means nothing here. */
export function editKey(input: TextInput, key: string): TextInput | undefined {
  const { text, caret } = input;
  switch (key) {
    case "backspace":
    case "ctrl+h": {
      const from = previousBoundary(text, caret);
      return { text: text.slice(0, from) + text.slice(caret), caret: from };
    }
    case "delete":
    case "ctrl+d":
      return { text: text.slice(0, caret) + text.slice(nextBoundary(text, caret)), caret };
    case "left":
    case "ctrl+b":
      return { text, caret: previousBoundary(text, caret) };
    case "right":
    case "ctrl+f":
      return { text, caret: nextBoundary(text, caret) };
    case "home":
    case "ctrl+a":
      return { text, caret: 0 };
    case "end":
    case "ctrl+e":
      return { text, caret: text.length };
    case "ctrl+u":
      return { text: text.slice(caret), caret: 0 };
    case "ctrl+k":
      return { text: text.slice(0, caret), caret };
    case "ctrl+w": {
      const from = text.slice(0, caret).replace(/[^\s/]*[\s/]*$/, "").length;
      return { text: text.slice(0, from) + text.slice(caret), caret: from };
    }
    default:
      return [...key].length === 1 ? insertText(input, key) : undefined;
  }
}

function previousBoundary(text: string, caret: number): number {
  if (caret <= 0) return 0;
  const isPair = caret >= 2 && /[\udc00-\udfff]/.test(text[caret - 1] ?? "");
  return caret - (isPair ? 2 : 1);
}

function nextBoundary(text: string, caret: number): number {
  if (caret >= text.length) return text.length;
  return caret + (/[\ud800-\udbff]/.test(text[caret] ?? "") ? 2 : 1);
}
