/**
 * A UI's or script's end of the conversation with the engine: the protocol as calls. `control/client.ts` makes one over
 * a channel; tests and demonstrations have scripted ones. After `close` or a lost connection every request rejects with
 * an OperationalError and no listener is called again but `onClose`'s, once.
 */
import type { Command, CommandResult, Frame, Notice, Topic } from "./protocol.ts";

export interface EngineClient {
  readonly engine: { readonly version: string; readonly pid: number; readonly profile: string };
  /** @throws OperationalError (rejects) with the engine's code and message, or `engine-lost`. */
  request(command: Command): Promise<CommandResult>;
  /** Each frame is acknowledged after `onFrame` has returned, which makes room for the next. */
  subscribe(topic: Topic, onFrame: (frame: Frame) => void): Subscription;
  /** @returns how to stop listening. */
  onNotice(listener: (notice: Notice) => void): () => void;
  /** The connection ended, for whatever reason. @returns how to stop listening. */
  onClose(listener: (reason: string) => void): () => void;
  close(): void;
}

export interface Subscription {
  /** Asks for something else from now on: another window, another sort order, another torrent. */
  change(topic: Topic): void;
  close(): void;
}
