/** Dialogs with a list in them: how large they are. */

export interface ListDialogPlan {
  /** With the border. */
  readonly width: number;
  readonly height: number;
  /** Lines of the list. */
  readonly pageSize: number;
  /** Lines below it: about what the cursor is on. */
  readonly aboutHeight: number;
}

/** @param columns, rows of the terminal. */
export function planListDialog(columns: number, rows: number, kind: "columns" | "settings"): ListDialogPlan {
  // The line of keys below stays in sight, and a little of what lies behind.
  const height = Math.min(rows - 1, kind === "columns" ? 27 : Math.max(rows - 5, 14));
  const width = Math.min(columns, kind === "columns" ? 60 : 110);
  // A border; a line that is free; above the list of settings the filter, and below it what the setting is.
  const aboutHeight = kind === "columns" ? 1 : height >= 20 ? 5 : 3;
  const above = kind === "columns" ? 0 : 1;
  return { width, height, pageSize: Math.max(1, height - 3 - above - aboutHeight), aboutHeight };
}
