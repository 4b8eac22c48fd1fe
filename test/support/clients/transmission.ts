/**
 * Transmission 3.00. It never dials 127.0.0.0/8 and knows one peer per address, hence the namespace. Told of the torrent
 * over RPC: its watched folder is looked at every ten seconds only.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { RealClient } from "./client.ts";

interface TorrentStatus {
  readonly status: number;
  readonly percentDone: number;
  readonly metadataPercentComplete: number;
  readonly leftUntilDone: number;
  readonly errorString: string;
}

const statusSeeding = 6;

export class Transmission extends RealClient {
  readonly name = "transmission";
  readonly #rpcPort = this.options.namespace.port();
  #sessionId = "";
  #isAdded = false;

  start(): void {
    const isStock = this.options.settings === "stock";
    const settings = {
      "download-dir": this.options.directory,
      "incomplete-dir-enabled": false,
      "bind-address-ipv4": this.address,
      "peer-port": this.port,
      "peer-port-random-on-start": false,
      "rpc-port": this.#rpcPort,
      "rpc-bind-address": this.address,
      "rpc-whitelist-enabled": false,
      "rpc-host-whitelist-enabled": false,
      "rpc-authentication-required": false,
      "dht-enabled": false,
      "lpd-enabled": this.options.isLsdOn === true,
      "pex-enabled": true,
      // Where it may dial by µTP, it takes minutes to fall back to TCP, whoever the TCP-only peer is.
      "utp-enabled": false,
      // 1, the default: encrypted is tried first. 0: plain is.
      encryption: isStock ? 1 : 0,
      "port-forwarding-enabled": false,
      "download-queue-enabled": false,
      "seed-queue-enabled": false,
      "queue-stalled-enabled": false,
      "idle-seeding-limit-enabled": false,
      "ratio-limit-enabled": false,
      "start-added-torrents": true,
    };
    writeFileSync(`${this.work}/settings.json`, JSON.stringify(settings));
    this.process = this.options.namespace.run(this.name, "transmission-daemon", ["-f", "-g", this.work], {
      env: { HOME: this.work },
    });
  }

  protected async isSeeding(): Promise<boolean> {
    if (!this.#isAdded) {
      const { torrentPath } = this.options;
      const what = torrentPath.startsWith("magnet:")
        ? { filename: torrentPath }
        : { metainfo: readFileSync(torrentPath).toString("base64") };
      await this.#call("torrent-add", { ...what, paused: false });
      this.#isAdded = true;
    }
    const answer = await this.#call("torrent-get", {
      fields: ["status", "percentDone", "leftUntilDone", "errorString", "metadataPercentComplete"],
    });
    const torrent = (answer as { torrents: TorrentStatus[] }).torrents[0];
    // Of a magnet link nothing is left as long as nothing is known.
    if (torrent?.metadataPercentComplete !== 1) return false;
    return torrent.status === statusSeeding && torrent.percentDone === 1 && torrent.leftUntilDone === 0;
  }

  async #call(method: string, parameters: object): Promise<unknown> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await this.options.namespace.http(this.address, this.#rpcPort, {
        method: "POST",
        path: "/transmission/rpc",
        headers: { "x-transmission-session-id": this.#sessionId },
        body: JSON.stringify({ method, arguments: parameters }),
      });
      if (answer.status === 409) {
        this.#sessionId = String(answer.headers["x-transmission-session-id"] ?? "");
        continue;
      }
      const parsed = JSON.parse(answer.body) as { result: string; arguments: unknown };
      if (parsed.result !== "success") throw new Error(`${method}: ${parsed.result}`);
      return parsed.arguments;
    }
    throw new Error(`${method}: no session`);
  }
}
