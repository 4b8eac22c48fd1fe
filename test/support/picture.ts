/**
 * ANSI text, as `tmux capture-pane -e -p` writes it, → PNG.
 * `tmux capture-pane -e -p | node test/support/picture.ts OUT.png [COLUMNS ROWS]`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Screen } from "./screen.ts";

const [out, columnsText, rowsText] = process.argv.slice(2);
if (out === undefined) {
  process.stderr.write("usage: picture.ts OUT.png [COLUMNS ROWS] < ANSI\n");
  process.exit(2);
}
const text = readFileSync(0, "utf8").replace(/\n$/, "");
const lines = text.split("\n");
const escapes = /\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])/g;
const widest = Math.max(...lines.map((line) => line.replace(escapes, "").length));
const screen = new Screen(Number(columnsText ?? Math.max(20, widest)), Number(rowsText ?? Math.max(2, lines.length)));
screen.stdout.write(lines.join("\r\n"));
await screen.settled();
writeFileSync(out, screen.png());
screen.close();
