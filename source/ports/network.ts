/** TCP as the engine sees it. */
import type { Endpoint } from "../base/ip-address.ts";

/** Told of everything that happens on one connection. Callbacks never run after `onClose`. */
export interface ConnectionHandler {
  /** An outgoing connection is established. Never called for incoming ones, which are open from the start. */
  onOpen?(): void;
  /** `bytes` belong to the network and are overwritten as soon as this returns: use or copy them. */
  onData(bytes: Uint8Array): void;
  /**
   * All that was written has been handed to the kernel: more may be written. Comes
   * after every write that left 16 KiB or more waiting.
   */
  onDrain(): void;
  /** Exactly once; also after our own `close`. `error` says why, when it was not an orderly end. */
  onClose(error: Error | undefined): void;
}

export interface Connection {
  readonly remote: Endpoint;
  /** Our own side's address, `undefined` until open. */
  readonly local: Endpoint | undefined;
  /** Bytes written and not yet taken by the kernel. */
  readonly queuedBytes: number;
  /** Several buffers as one gathered write. They belong to the network until `queuedBytes` is 0, or `onClose`. */
  write(buffers: readonly Uint8Array[]): void;
  /** Whether it may be read in longer parts from now on, which is thriftier; absent where that makes no difference. Default: no. */
  readMuch?(isMuch: boolean): void;
  /** Stops reading: TCP's window then holds the other side back. */
  pause(): void;
  resume(): void;
  /** Drops the connection at once. Idempotent; `onClose` follows in a later turn. */
  close(): void;
}

export interface Listener {
  readonly local: Endpoint;
  /** False when it was closed, by whomever. */
  readonly isOpen: boolean;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly remote: Endpoint;
  /** Dial from this local address; the system chooses where it is absent. */
  readonly localAddress?: string;
  readonly timeoutMs: number;
}

export interface Network {
  connect(options: ConnectOptions, handler: ConnectionHandler): Connection;
  /**
   * Accepts until closed. `accept` returns the handler for the new connection, or `undefined` to refuse it.
   * @param local port 0 means any free one. @throws OperationalError `listen-failed`; `no-such-address` where
   *   the address is not one of this machine.
   */
  listen(local: Endpoint, accept: (connection: Connection) => ConnectionHandler | undefined): Promise<Listener>;
  /** A host name's addresses (an address names itself). @throws OperationalError `unresolved`. */
  resolve(host: string): Promise<readonly string[]>;
}
