/** One end of a connection between a UI and the engine: a WebSocket, or memory. */
export interface Channel<Out, In> {
  send(message: Out): void;
  /** Set once, before anything can arrive. */
  onMessage: (message: In) => void;
  onClose: (reason: string) => void;
  close(): void;
}
