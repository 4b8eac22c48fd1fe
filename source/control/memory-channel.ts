/**
 * The same conversation without a socket: the two ends of a connection inside one process. Messages arrive in order,
 * each in a later microtask than the one that sent it, so that neither end runs inside the other's call.
 */
import type { Channel } from "./channel.ts";
import type { ClientMessage, EngineMessage } from "./protocol.ts";

class MemoryEnd<Out> implements Channel<Out, unknown> {
  onMessage: (message: unknown) => void = () => {};
  onClose: (reason: string) => void = () => {};
  #deliver: (message: Out) => void = () => {};
  #closeOther: () => void = () => {};
  #isOpen = true;

  join<In>(other: MemoryEnd<In>): void {
    this.#deliver = (message) => other.#receive(message);
    this.#closeOther = () => other.#ended("the other side closed the connection");
  }

  send(message: Out): void {
    if (!this.#isOpen) return;
    queueMicrotask(() => this.#deliver(message));
  }

  close(): void {
    if (!this.#isOpen) return;
    queueMicrotask(() => {
      this.#ended("closed");
      this.#closeOther();
    });
  }

  #receive(message: unknown): void {
    if (this.#isOpen) this.onMessage(message);
  }

  #ended(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onClose(reason);
  }
}

export function memoryChannel(): {
  readonly client: Channel<ClientMessage, unknown>;
  readonly engine: Channel<EngineMessage, unknown>;
} {
  const client = new MemoryEnd<ClientMessage>();
  const engine = new MemoryEnd<EngineMessage>();
  client.join(engine);
  engine.join(client);
  return { client, engine };
}
