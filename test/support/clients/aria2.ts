/** aria2 1.36, asked over JSON-RPC. */
import { RealClient } from "./client.ts";

interface Download {
  readonly seeder?: string;
  readonly completedLength: string;
  readonly totalLength: string;
  readonly followedBy?: readonly string[];
  readonly bittorrent?: { readonly info?: object };
}

export class Aria2 extends RealClient {
  readonly name = "aria2";
  readonly #rpcPort = this.options.namespace.port();

  start(): void {
    const args = [
      "--no-conf=true",
      `--dir=${this.options.directory}`,
      `--listen-port=${this.port}`,
      `--interface=${this.address}`,
      // Without a DHT it has no UDP, and no UDP trackers.
      ...(this.options.isTrackerUdp === true
        ? ["--enable-dht=true", `--dht-listen-port=${this.port}`, `--dht-file-path=${this.work}/dht.dat`]
        : ["--enable-dht=false"]),
      "--enable-dht6=false",
      "--disable-ipv6=true",
      `--bt-enable-lpd=${this.options.isLsdOn === true}`,
      `--bt-lpd-interface=${this.address}`,
      "--console-log-level=notice",
      "--summary-interval=0",
      "--show-console-readout=false",
      "--file-allocation=none",
      "--allow-overwrite=true",
      "--follow-torrent=mem",
      // Never done seeding.
      "--seed-ratio=0.0",
      "--enable-rpc=true",
      `--rpc-listen-port=${this.#rpcPort}`,
    ];
    if (this.options.role === "seed") args.push("--check-integrity=true");
    this.process = this.options.namespace.run(this.name, "aria2c", [...args, this.options.torrentPath], {
      cwd: this.work,
      env: { HOME: this.work },
    });
  }

  protected async isSeeding(): Promise<boolean> {
    const answer = await this.options.namespace.http("127.0.0.1", this.#rpcPort, {
      method: "POST",
      path: "/jsonrpc",
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "aria2.tellActive" }),
    });
    // Of a magnet link the metadata is a download of its own, which comes first.
    const download = (JSON.parse(answer.body) as { result: Download[] }).result.at(-1);
    return (
      download?.followedBy === undefined &&
      download?.bittorrent?.info !== undefined &&
      download.seeder === "true" &&
      download.completedLength === download.totalLength
    );
  }
}
