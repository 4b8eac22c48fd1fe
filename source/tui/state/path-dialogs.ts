/** The dialogs in which a path is typed: which line that is, and what becomes of what there is to choose from. Pure. */
import type { Completion, CompletionItem, CompletionKind } from "../torrent-sources.ts";
import type { AppState } from "./app-state.ts";
import { chosenItem, type PathInput, taken, withCompletion } from "./path-input.ts";

/** A path that is being typed now. */
export interface TypedPath {
  readonly input: PathInput;
  readonly kind: CompletionKind;
  /** What there is to choose from is shown all the time. */
  readonly isLive: boolean;
  /** @returns the state with another line in its place. */
  readonly put: (input: PathInput) => AppState;
}

export function typedPath(state: AppState): TypedPath | undefined {
  const { overlay } = state;
  if (overlay?.kind === "move") {
    const put = (place: PathInput): AppState => ({
      ...state,
      overlay: {
        ...overlay,
        place,
        stage: place.text === overlay.place.text ? overlay.stage : { kind: "typing", error: "" },
      },
    });
    return { input: overlay.place, kind: "folders", isLive: false, put };
  }
  if (overlay?.kind !== "add") return undefined;
  const { stage } = overlay;
  switch (stage.kind) {
    case "opening":
      return undefined;
    case "typing":
      return {
        input: overlay.source,
        kind: "sources",
        isLive: true,
        put: (source) => ({ ...state, overlay: { ...overlay, source } }),
      };
    case "preview":
      return {
        input: stage.place,
        kind: "folders",
        isLive: false,
        put: (place) => ({ ...state, overlay: { ...overlay, stage: { ...stage, place } } }),
      };
  }
}

export function pathCompleted(state: AppState, of: string, found: Completion): AppState {
  const typed = typedPath(state);
  return typed === undefined ? state : typed.put(withCompletion(typed.input, of, found, typed.isLive));
}

/** What was chosen of what there is to choose from. */
export function chosenPath(state: AppState): CompletionItem | undefined {
  const typed = typedPath(state);
  return typed === undefined ? undefined : chosenItem(typed.input);
}

/** It stands there now. */
export function takeChosen(state: AppState): AppState {
  const typed = typedPath(state);
  const item = chosenPath(state);
  return typed === undefined || item === undefined ? state : typed.put(taken(item, typed.isLive));
}

/** By a click. */
export function choosePath(state: AppState, row: number): AppState {
  const typed = typedPath(state);
  return typed === undefined ? state : takeChosen(typed.put({ ...typed.input, isOpen: true, chosen: row }));
}

/** Nothing is chosen, and what there was is shown no more. @returns the same state where that is so already. */
export function closeChoice(state: AppState): AppState {
  const typed = typedPath(state);
  if (typed === undefined) return state;
  const { input, isLive, put } = typed;
  if (isLive ? input.chosen < 0 : !input.isOpen) return state;
  return put({ ...input, chosen: -1, isOpen: isLive });
}
