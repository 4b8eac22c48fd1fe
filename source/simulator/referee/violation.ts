/** What must never happen has happened: when, to whom, and what was said on that line before. */
import { messageId } from "../../wire/messages.ts";
import type { WireMessage } from "./wire-reader.ts";

export class Violation extends Error {
  override readonly name = "Violation";
  readonly atMs: number;
  /** Names: whose fault it is first, then who was at the other end, if anybody was. */
  readonly nodes: readonly string[];
  /** In words, without times, pieces and names: equal for what is likely the same bug. */
  readonly rule: string;
  /** The line's last messages, the oldest first. */
  readonly lastMessages: readonly string[];

  constructor(atMs: number, nodes: readonly string[], rule: string, detail: string, lastMessages: readonly string[]) {
    const text = `at ${(atMs / 1000).toFixed(3)} s ${nodes.join(" → ")}: ${rule}${detail === "" ? "" : `: ${detail}`}`;
    super([text, ...lastMessages.map((line) => `  ${line}`)].join("\n"));
    this.atMs = atMs;
    this.nodes = nodes;
    this.rule = rule;
    this.lastMessages = lastMessages;
  }
}

const keptMax = 24;
const names = new Map<number, string>(Object.entries(messageId).map(([name, id]) => [id, name]));

interface Kept {
  readonly atMs: number;
  readonly text: string;
  readonly id: number;
  readonly index: number;
  readonly begin: number;
}

/** The last messages of a line, both ways, as they were written and read. */
export class LastMessages {
  readonly #kept: Kept[] = [];
  #at = 0;

  /** @param text who says or hears it. */
  add(atMs: number, text: string, { id, index, begin }: Pick<WireMessage, "id" | "index" | "begin">): void {
    this.#kept[this.#at] = { atMs, text, id, index, begin };
    this.#at = (this.#at + 1) % keptMax;
  }

  lines(): string[] {
    const inOrder = [...this.#kept.slice(this.#at), ...this.#kept.slice(0, this.#at)];
    return inOrder.map(({ atMs, text, id, index, begin }) => {
      const name = names.get(id) ?? `message ${id}`;
      return `${(atMs / 1000).toFixed(3)} ${text} ${name}${hasIndex(id) ? ` ${index}` : ""}${hasBegin(id) ? `.${begin}` : ""}`;
    });
  }
}

function hasBegin(id: number): boolean {
  return (
    id === messageId.request || id === messageId.piece || id === messageId.cancel || id === messageId.rejectRequest
  );
}

function hasIndex(id: number): boolean {
  return hasBegin(id) || id === messageId.have || id === messageId.allowedFast || id === messageId.suggestPiece;
}
