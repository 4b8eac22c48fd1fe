/**
 * One socket to UDP trackers of one family, and the trackers that were asked over it. It is the owner's to close; its
 * trackers' connection ids go with it, as trackers may tie them to where we ask from.
 */
import { OperationalError } from "../base/errors.ts";
import { type Endpoint, formatEndpoint } from "../base/ip-address.ts";
import type { DatagramSocket, Datagrams } from "../ports/datagram.ts";
import type { Ports } from "../ports/ports.ts";
import { type UdpRequest, UdpTracker } from "./udp-tracker.ts";
import { udpAnswerHead } from "./udp-tracker-codec.ts";

/** Beyond this, those of which nothing is kept or awaited are forgotten. */
const trackersKept = 256;

export class UdpLine {
  readonly family: 4 | 6;
  readonly #ports: Pick<Ports, "clock" | "random">;
  readonly #trackers = new Map<string, UdpTracker>();
  #socket: DatagramSocket | undefined;

  private constructor(ports: Pick<Ports, "clock" | "random">, family: 4 | 6) {
    this.#ports = ports;
    this.family = family;
  }

  /** @throws OperationalError where there is no socket to be had. */
  static async open(
    ports: Pick<Ports, "clock" | "random"> & { readonly datagrams: Pick<Datagrams, "bind"> },
    family: 4 | 6,
  ): Promise<UdpLine> {
    const line = new UdpLine(ports, family);
    const address = family === 4 ? "0.0.0.0" : "::";
    line.#socket = await ports.datagrams.bind(
      { address, port: 0 },
      {
        onDatagram: (bytes, remote) => line.#received(bytes, remote),
        onRefused: (error, remote) => line.#refused(error, remote),
      },
    );
    return line;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true;
  }

  /** @returns gives the request up. */
  ask(remote: Endpoint, request: UdpRequest): () => void {
    const key = formatEndpoint(remote);
    let tracker = this.#trackers.get(key);
    if (tracker === undefined) {
      this.#forgetIdle();
      tracker = new UdpTracker(this.#ports, (bytes) => this.#socket?.send(bytes, remote));
      this.#trackers.set(key, tracker);
    }
    return tracker.ask(request);
  }

  close(): void {
    void this.#socket?.close();
    const given = new OperationalError("closed", "the request was given up");
    for (const tracker of this.#trackers.values()) tracker.unreachable(given);
    this.#trackers.clear();
  }

  #received(bytes: Uint8Array, remote: Endpoint): void {
    const head = udpAnswerHead(bytes);
    if (head !== undefined) this.#trackers.get(formatEndpoint(remote))?.received(bytes, head);
  }

  #refused(error: Error, remote: Endpoint): void {
    const where = formatEndpoint(remote);
    const problem = new OperationalError("unreachable", `${where} cannot be reached from here`, { cause: error });
    this.#trackers.get(where)?.unreachable(problem);
  }

  #forgetIdle(): void {
    if (this.#trackers.size < trackersKept) return;
    for (const [key, tracker] of this.#trackers) if (tracker.isForgettable) this.#trackers.delete(key);
  }
}
