/** Every command there is can be found without knowing it: in the help and in the palette. */
import { describe, expect, it } from "vitest";
import type { CommandId, Context } from "../../source/preferences/commands.ts";
import { bindingsFor, keyLabel, keyTable } from "../../source/preferences/keymap.ts";
import { withSimulationKeys } from "../../source/preferences/simulation-keys.ts";
import { torrentViews } from "../../source/preferences/views.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { helpColumns } from "../../source/tui/screens/help.ts";
import { paletteMatches } from "../../source/tui/state/palette.ts";

const ofQuestions = "answers a question, which names the key itself";
const ofDialogs = "works inside a dialog, whose line of hints names the key";

/** With those that are there while a simulated swarm is watched. */
const keymap = withSimulationKeys(keyTable);

/** Why a command is in neither. */
const inside: Partial<Record<CommandId, string>> = {
  confirm: ofQuestions,
  cancel: ofQuestions,
  toTrash: ofQuestions,
  keepEngine: ofQuestions,
  stopEngine: ofQuestions,
  reconnect: "answers the loss of the engine, which names the key itself",
  dialogToggle: ofDialogs,
  dialogEarlier: ofDialogs,
  dialogLater: ofDialogs,
  dialogReset: ofDialogs,
  dialogFilter: ofDialogs,
};

/** The type has them all; so has this. */
const every: Readonly<Record<CommandId, true>> = {
  up: true,
  down: true,
  left: true,
  right: true,
  pageUp: true,
  pageDown: true,
  first: true,
  last: true,
  open: true,
  back: true,
  quit: true,
  leave: true,
  keepEngine: true,
  stopEngine: true,
  nextView: true,
  previousView: true,
  viewSwarm: true,
  viewNeighbours: true,
  viewPieces: true,
  viewFiles: true,
  viewTrackers: true,
  viewGraphs: true,
  viewLedger: true,
  viewWhy: true,
  viewLog: true,
  totals: true,
  nextRarest: true,
  previousRarest: true,
  spanShorter: true,
  spanLonger: true,
  pauseResume: true,
  remove: true,
  removeWithData: true,
  reannounce: true,
  recheck: true,
  undo: true,
  sort: true,
  sortReverse: true,
  add: true,
  filter: true,
  help: true,
  confirm: true,
  cancel: true,
  reconnect: true,
  suspend: true,
  palette: true,
  mark: true,
  clearMarks: true,
  markAll: true,
  markInvert: true,
  markRange: true,
  markUp: true,
  markDown: true,
  mouse: true,
  theme: true,
  columns: true,
  settings: true,
  dialogToggle: true,
  dialogEarlier: true,
  dialogLater: true,
  dialogReset: true,
  dialogFilter: true,
  ban: true,
  kick: true,
  why: true,
  labels: true,
  options: true,
  limits: true,
  rename: true,
  moveData: true,
  sequential: true,
  toTrash: true,
  priorityUp: true,
  priorityDown: true,
  priorityNext: true,
  prioritySkip: true,
  queueUp: true,
  queueDown: true,
  queueTop: true,
  queueBottom: true,
  timePause: true,
  timeFaster: true,
  timeSlower: true,
  timeSecond: true,
  timeEvent: true,
  peerNext: true,
  peerPrevious: true,
};

const contexts: readonly Context[] = ["list", "totals", ...torrentViews];
const theme = makeTheme({ colours: "true", hasUnicode: true });

describe("every command", () => {
  it.each(Object.keys(every) as CommandId[])(
    "%s is in the help and in the palette, or there is a reason",
    (command) => {
      const places = contexts.filter((context) =>
        bindingsFor(keymap, context).some((binding) => binding.command === command && binding.help !== ""),
      );
      if (inside[command] !== undefined) {
        expect(places, inside[command]).toEqual([]);
        return;
      }
      expect(places.length).toBeGreaterThan(0);
      for (const context of places) {
        const help = helpColumns(theme, keymap, context)
          .flat()
          .map((line) => line.map(({ text }) => text).join(""));
        const bindings = bindingsFor(keymap, context).filter((binding) => binding.command === command);
        for (const binding of bindings) {
          expect(help.some((line) => line.startsWith(keyLabel(binding)) && line.includes(binding.help))).toBe(true);
        }
        // The palette is where one is already.
        if (command !== "palette") {
          expect(paletteMatches(keymap, context, "").some((binding) => binding.command === command)).toBe(true);
        }
      }
    },
  );

  it("that has a reason not to be there is named by the hints of its dialog or question", () => {
    for (const command of Object.keys(inside)) {
      const bindings = keymap.filter((binding) => binding.command === command);
      expect(bindings.length, command).toBeGreaterThan(0);
      // Where files would go, the question says it in full.
      if (command !== "toTrash")
        expect(
          bindings.some(({ hint }) => hint !== undefined),
          command,
        ).toBe(true);
    }
  });

  it("has a key", () => {
    for (const command of Object.keys(every)) {
      expect(
        keymap.some((binding) => binding.command === command && binding.keys.length > 0),
        command,
      ).toBe(true);
    }
  });
});
