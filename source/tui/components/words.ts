/**
 * Text that knows what it is and not how it looks: lines of it can be made, wrapped and counted without a theme, and so where
 * only the size of the screen matters.
 */

import type { Glyphs } from "../format/glyphs.ts";
import type { Theme } from "../format/theme.ts";
import { type Span, span } from "./drawing.ts";

export type Role = "text" | "strong" | "dim" | "title" | "accent" | "warn" | "bad" | "key";

/** A text, or one of the signs that are one column wide. */
export type Word =
  | { readonly role: Role; readonly text: string }
  | { readonly role: Role; readonly sign: "warning" | "dot" | "arrowRight" | "about" };

export function word(text: string, role: Role = "text"): Word {
  return { text, role };
}

export function sign(name: Extract<keyof Glyphs, "warning" | "dot" | "arrowRight" | "about">, role: Role): Word {
  return { sign: name, role };
}

export function inTheme(theme: Theme, words: readonly Word[]): readonly Span[] {
  return words.map((each) => span("text" in each ? each.text : theme.glyphs[each.sign], theme[each.role]));
}
