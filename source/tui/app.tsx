/** The React root: takes input from Ink and paints the state. It lays nothing out; `drawScreen` does. */
import { useApp, useInput, usePaste } from "ink";
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import type { Controller } from "./controller.ts";
import type { Theme } from "./format/theme.ts";
import type { Painter } from "./painter.ts";
import { drawScreen } from "./screens/screen.ts";
import { keyNames } from "./state/key-names.ts";
import type { Preferences } from "./state/preferences.ts";
import type { Store } from "./state/store.ts";

export interface AppProps {
  readonly store: Store;
  readonly controller: Controller;
  readonly painter: Painter;
  readonly themeFor: (preferences: Preferences) => Theme;
  /** Filled in: how to lend the terminal to somebody else while `run` runs. */
  readonly terminal: TerminalLoan;
}

export interface TerminalLoan {
  lend: (run: () => Promise<void>) => Promise<void>;
}

export function App({ store, controller, painter, themeFor, terminal }: AppProps): null {
  const { suspendTerminal } = useApp();
  useEffect(() => {
    terminal.lend = suspendTerminal;
  }, [terminal, suspendTerminal]);
  const state = useSyncExternalStore(store.subscribe, store.shown, store.shown);
  const theme = themeFor(state.preferences);
  const canvas = drawScreen(state, theme);
  useInput((input, key) => {
    controller.keys(keyNames(input, key));
  });
  usePaste((text) => {
    controller.paste(text);
  });
  useLayoutEffect(() => {
    painter.paint(canvas, theme.table);
  }, [painter, canvas, theme]);
  return null;
}
