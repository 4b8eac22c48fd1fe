/** A TCP server on loopback that says whatever a test wants it to: for answers no proper HTTP server would send. */
import { createServer, type Socket } from "node:net";

export interface RawServer {
  readonly port: number;
  /** Connections that sent something. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** @param respond is called once per connection, when the first bytes of the request are there. */
export async function listenRaw(respond: (socket: Socket, request: string, count: number) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", (data) => {
      requests.push(data.toString("latin1"));
      respond(socket, data.toString("latin1"), requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Writes `piece` again and again as fast as it is taken, until the other side goes away. */
export function pour(socket: Socket, piece: string | Uint8Array): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece)) {}
  };
  socket.on("drain", more);
  more();
}
