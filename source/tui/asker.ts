/**
 * Asks the engine for what the user does, says what came of it in one message, and remembers how to take it back. What our
 * own requests bring about is not told a second time when the engine notices it.
 */

import { messageOf } from "../base/errors.ts";
import type { InfoHash } from "../base/ids.ts";
import type { Command, Notice } from "../control/protocol.ts";
import { shownName } from "../control/torrent-row.ts";
import { keyFor } from "../preferences/keymap.ts";
import type { Answer, EngineLink } from "./engine-link.ts";
import type { Tone } from "./state/app-state.ts";
import { screenContext } from "./state/context.ts";
import type { Store } from "./state/store.ts";
import { backOf } from "./undo.ts";

export interface Asking {
  readonly commands: readonly Command[];
  /** What is done then: `paused debian.iso`. */
  readonly text: string;
  /** The screen shows it: it is only said where it fails. */
  readonly isQuiet?: boolean;
  /** Said at once, of what takes long. */
  readonly begun?: string;
  /** Told in place of a message where something fails. */
  readonly failed?: (message: string) => void;
  /** What takes it back, where that does not follow from the commands and their answers. */
  readonly back?: readonly Command[];
}

interface Done {
  readonly text: string;
  readonly back: readonly Command[];
}

/** Who wants to go back further starts anew. */
const doneMax = 50;

export interface AskerOptions {
  readonly store: Store;
  readonly link: EngineLink;
  readonly say: (text: string, tone: Tone, hint?: string) => void;
}

export class Asker {
  readonly #options: AskerOptions;
  readonly #done: Done[] = [];
  /** Notices that are to come of our own requests. */
  readonly #expected = new Map<Notice["kind"], Set<InfoHash>>();

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** @returns whether all was done. */
  async ask(asking: Asking): Promise<boolean> {
    const { store, link, say } = this.#options;
    const before = store.state;
    const { commands, text, isQuiet = false, begun } = asking;
    if (commands.length === 0 || !link.isOpen) return false;
    if (begun !== undefined) say(begun, "info");
    for (const command of commands) this.#expect(command);
    const answers = await link.askAll(commands);
    const failed = answers.filter((answer) => "error" in answer);
    const back = failed.length === 0 && asking.back !== undefined ? asking.back : backOf(before, answers);
    this.remember(text, back);
    for (const { command } of failed) this.#forget(command);
    const failure = failureText(answers, (infoHash) => this.#nameOf(infoHash));
    if (failure !== "" && asking.failed !== undefined) asking.failed(failure);
    else if (failure !== "") say(failure, "bad");
    else if (!isQuiet) say(text, "info", back.length > 0 ? this.#undoHint() : "");
    return failed.length === 0;
  }

  /** Done elsewhere: what takes it back. */
  remember(text: string, back: readonly Command[]): void {
    if (back.length === 0) return;
    this.#done.push({ text, back });
    if (this.#done.length > doneMax) this.#done.shift();
  }

  /** That what was remembered last is done. */
  say(text: string): void {
    this.#options.say(text, "info", this.#undoHint());
  }

  /** Takes back what was done last. */
  async undo(): Promise<void> {
    const { link, say } = this.#options;
    const last = this.#done.pop();
    if (last === undefined) {
      say("there is nothing to undo", "info");
      return;
    }
    for (const command of last.back) this.#expect(command);
    const answers = await link.askAll(last.back);
    const failed = answers.find((answer) => "error" in answer);
    if (failed === undefined) say(`undone: ${last.text}`, "info");
    else say(`not undone (${last.text}): ${messageOf("error" in failed ? failed.error : "")}`, "bad");
    for (const answer of answers) if ("error" in answer) this.#forget(answer.command);
  }

  /** @returns whether it only tells what we have asked for. */
  isOwn(notice: Notice): boolean {
    return "infoHash" in notice && (this.#expected.get(notice.kind)?.delete(notice.infoHash) ?? false);
  }

  /** The engine will notice it, because we have asked for it. */
  expect(kind: Notice["kind"], infoHash: InfoHash): void {
    const expected = this.#expected.get(kind) ?? new Set();
    this.#expected.set(kind, expected.add(infoHash));
  }

  unexpect(kind: Notice["kind"], infoHash: InfoHash): void {
    this.#expected.get(kind)?.delete(infoHash);
  }

  #expect(command: Command): void {
    for (const [kind, infoHash] of noticesOf(command)) this.expect(kind, infoHash);
  }

  #forget(command: Command): void {
    for (const [kind, infoHash] of noticesOf(command)) this.unexpect(kind, infoHash);
  }

  #nameOf(infoHash: InfoHash): string {
    const row = this.#options.store.state.list.rows.get(infoHash);
    return row === undefined ? "" : shownName(row);
  }

  #undoHint(): string {
    const { state } = this.#options.store;
    const key = keyFor(state.preferences.keymap, screenContext(state), "undo");
    return key === "" ? "" : `${key} undoes it`;
  }
}

/** What the engine will notice of it. Where files went to the trash only the engine says where. */
function noticesOf(command: Command): readonly (readonly [Notice["kind"], InfoHash])[] {
  switch (command.name) {
    case "remove":
      return command.data === "trash" ? [] : [["removed", command.infoHash]];
    case "recheck":
      return [["checked", command.infoHash]];
    case "restore":
      return command.infoHashes.map((infoHash) => ["restored", infoHash] as const);
    default:
      return [];
  }
}

function failureText(answers: readonly Answer[], nameOf: (infoHash: InfoHash) => string): string {
  const failed = answers.filter((answer) => "error" in answer);
  const [first] = failed;
  if (first === undefined) return "";
  const name = "infoHash" in first.command ? nameOf(first.command.infoHash) : "";
  const message = `${name === "" ? "" : `${name}: `}${messageOf(first.error)}`;
  if (answers.length === 1) return message;
  return `${failed.length} of ${answers.length} failed: ${message}`;
}
