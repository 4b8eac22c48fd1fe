/** A path that is typed, and how it may go on: pure. What there is to choose from comes from outside, a moment later. */
import type { Completion, CompletionItem } from "../torrent-sources.ts";
import { editKey, insertText, type TextInput } from "./text-input.ts";

export interface PathInput extends TextInput {
  /** How `of` may go on; told later than that was typed. */
  readonly completion: { readonly of: string; readonly found: Completion } | null;
  /** Whether what there is to choose from is shown. */
  readonly isOpen: boolean;
  /** Among the items; -1 for none. */
  readonly chosen: number;
  /** Tab was pressed before it was known how this may go on. */
  readonly isWaiting: boolean;
}

export function pathInput(text: string, isOpen = false): PathInput {
  return { text, caret: text.length, completion: null, isOpen, chosen: -1, isWaiting: false };
}

/** What it may become, as far as that is known of what stands there now. */
export function itemsOf({ text, completion }: PathInput): readonly CompletionItem[] {
  return completion?.of === text ? completion.found.items : [];
}

export function chosenItem(input: PathInput): CompletionItem | undefined {
  return input.isOpen ? itemsOf(input)[input.chosen] : undefined;
}

/** @param isLive as in `pathKey`. */
export function withCompletion(input: PathInput, of: string, found: Completion, isLive: boolean): PathInput {
  if (input.text !== of) return input;
  const known = { ...input, completion: { of, found }, isWaiting: false };
  return input.isWaiting ? completed(known, isLive) : known;
}

/** The chosen item stands there now. */
export function taken(item: CompletionItem, isOpen: boolean): PathInput {
  return pathInput(item.text, isOpen);
}

/**
 * @param isLive the items are shown all the time; else Tab shows them, and typing hides them.
 * @returns `undefined` where the key means nothing here.
 */
export function pathKey(input: PathInput, key: string, isLive: boolean): PathInput | undefined {
  const items = itemsOf(input);
  switch (key) {
    case "tab":
      return completed(input, isLive);
    case "up":
    case "ctrl+p":
      return input.isOpen && items.length > 0 ? { ...input, chosen: Math.max(-1, input.chosen - 1) } : undefined;
    case "down":
    case "ctrl+n":
      if (!input.isOpen || items.length === 0) return undefined;
      return { ...input, chosen: Math.min(items.length - 1, input.chosen + 1) };
    default: {
      const edited = editKey(input, key);
      return edited === undefined ? undefined : changed(input, edited, isLive);
    }
  }
}

export function pathPaste(input: PathInput, text: string, isLive: boolean): PathInput {
  return changed(input, insertText(input, text), isLive);
}

function changed(input: PathInput, { text, caret }: TextInput, isLive: boolean): PathInput {
  return text === input.text ? { ...input, caret } : { ...pathInput(text, isLive), caret };
}

/** As far as there is no doubt; then what there is to choose from is shown, then gone through. */
function completed(input: PathInput, isLive: boolean): PathInput {
  if (input.completion?.of !== input.text) return { ...input, isWaiting: true };
  const items = itemsOf(input);
  const chosen = chosenItem(input);
  if (chosen !== undefined) return items.length === 1 ? taken(chosen, isLive) : next(input, items.length);
  const { text } = input.completion.found;
  if (text !== input.text) return pathInput(text, isLive);
  return items.length > 1 ? next({ ...input, isOpen: true }, items.length) : input;
}

function next(input: PathInput, count: number): PathInput {
  return { ...input, chosen: (input.chosen + 1) % count };
}
