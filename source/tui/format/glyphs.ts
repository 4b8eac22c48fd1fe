/** Every sign that is drawn besides words, in Unicode and in ASCII. Each is one column wide. */
export interface Glyphs {
  readonly down: string;
  readonly up: string;
  readonly ellipsis: string;
  readonly dot: string;
  readonly none: string;
  readonly marker: string;
  readonly marked: string;
  readonly cursor: string;
  readonly times: string;
  /** From … to. */
  readonly to: string;
  /** Before what is an estimate. */
  readonly about: string;
  readonly infinity: string;
  readonly arrowRight: string;
  readonly sortDown: string;
  readonly sortUp: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly tabLeft: string;
  readonly tabRight: string;
  readonly thumb: string;
  readonly track: string;
  /** Of graphs: at the axis, across at a mark, under at a time, and where nothing is known. */
  readonly axisMark: string;
  readonly gridLine: string;
  readonly timeMark: string;
  readonly gap: string;
  /** Parts of one cell filled from the left, from 1/8 (index 0) to whole. */
  readonly leftEighths: readonly string[];
  readonly barRest: string;
  readonly thinBar: string;
  readonly thinHalf: string;
  readonly thinRest: string;
  /** Parts of one cell filled from the bottom, from 1/8 (index 0) to whole. */
  readonly lowerEighths: readonly string[];
  readonly slotRegular: string;
  readonly slotOptimistic: string;
  readonly slotFree: string;
  readonly have: string;
  /** Where the cursor is, in reverse: a full block would be a hole. */
  readonly haveMarked: string;
  readonly unknownMarked: string;
  /** Pieces that are not wanted; missing ones of which nothing more is known; of those that nobody else has. */
  readonly skipped: string;
  readonly unknown: string;
  readonly onlyOurs: string;
  readonly inFlight: string;
  readonly many: string;
  readonly stateDownloading: string;
  readonly stateSeeding: string;
  readonly statePaused: string;
  readonly stateQueued: string;
  readonly stateChecking: string;
  readonly stateFailed: string;
  readonly ok: string;
  readonly warning: string;
}

export const unicodeGlyphs: Glyphs = {
  down: "↓",
  up: "↑",
  ellipsis: "…",
  dot: "·",
  none: "·",
  marker: "▌",
  marked: "✓",
  cursor: "▏",
  times: "×",
  to: "–",
  about: "≈",
  infinity: "∞",
  arrowRight: "›",
  sortDown: "▾",
  sortUp: "▴",
  horizontal: "─",
  vertical: "│",
  topLeft: "╭",
  topRight: "╮",
  bottomLeft: "╰",
  bottomRight: "╯",
  tabLeft: "┤",
  tabRight: "├",
  thumb: "┃",
  track: "│",
  axisMark: "┤",
  gridLine: "┈",
  timeMark: "╵",
  gap: "╱",
  leftEighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
  barRest: "░",
  thinBar: "━",
  thinHalf: "╸",
  thinRest: "─",
  lowerEighths: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  slotRegular: "●",
  slotOptimistic: "◐",
  slotFree: "○",
  have: "█",
  haveMarked: "■",
  unknownMarked: "?",
  skipped: "·",
  unknown: "░",
  onlyOurs: "◆",
  inFlight: "▒",
  many: "+",
  stateDownloading: "↓",
  stateSeeding: "↑",
  statePaused: "‖",
  stateQueued: "⋯",
  stateChecking: "≡",
  stateFailed: "✗",
  ok: "✓",
  warning: "!",
};

export const asciiGlyphs: Glyphs = {
  down: "v",
  up: "^",
  ellipsis: "~",
  dot: "-",
  none: ".",
  marker: ">",
  marked: "*",
  cursor: "_",
  times: "x",
  to: "-",
  about: "~",
  infinity: "-",
  arrowRight: ">",
  sortDown: "v",
  sortUp: "^",
  horizontal: "-",
  vertical: "|",
  topLeft: "+",
  topRight: "+",
  bottomLeft: "+",
  bottomRight: "+",
  tabLeft: "|",
  tabRight: "|",
  thumb: "#",
  track: "|",
  axisMark: "+",
  gridLine: "-",
  timeMark: "'",
  gap: "/",
  leftEighths: ["-", "-", "-", "=", "=", "=", "=", "#"],
  barRest: ".",
  thinBar: "=",
  thinHalf: "-",
  thinRest: "-",
  lowerEighths: [".", ".", ":", ":", "=", "=", "#", "#"],
  slotRegular: "*",
  slotOptimistic: "o",
  slotFree: ".",
  have: "#",
  haveMarked: "#",
  unknownMarked: "?",
  skipped: ".",
  unknown: ":",
  onlyOurs: "@",
  inFlight: "%",
  many: "+",
  stateDownloading: "v",
  stateSeeding: "^",
  statePaused: "=",
  stateQueued: ":",
  stateChecking: "?",
  stateFailed: "X",
  ok: "+",
  warning: "!",
};
