/** rtorrent 0.9.8 without a screen, asked by XML-RPC over SCGI on a Unix socket. */
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { RealClient } from "./client.ts";

export class Rtorrent extends RealClient {
  readonly name = "rtorrent";
  readonly #socketPath = `${this.work}/scgi`;

  start(): void {
    mkdirSync(`${this.work}/session`);
    const lines = [
      "system.daemon.set = true",
      `session.path.set = ${this.work}/session`,
      `directory.default.set = ${this.options.directory}`,
      `network.bind_address.set = ${this.address}`,
      `network.port_range.set = ${this.port}-${this.port}`,
      "network.port_random.set = no",
      "dht.mode.set = disable",
      "protocol.pex.set = yes",
      `network.scgi.open_local = ${this.#socketPath}`,
    ];
    lines.push(
      this.options.settings === "stock"
        ? "protocol.encryption.set = allow_incoming,try_outgoing,enable_retry"
        : "protocol.encryption.set = none",
    );
    writeFileSync(`${this.work}/rc`, `${lines.join("\n")}\n`);
    const args = ["-n", "-o", `import=${this.work}/rc`, this.options.torrentPath];
    this.process = this.options.namespace.run(this.name, "rtorrent", args, {
      cwd: this.work,
      env: { HOME: this.work },
    });
  }

  protected async isSeeding(): Promise<boolean> {
    const answer = await this.#call("d.multicall2", ["", "main", "d.complete=", "d.is_active=", "d.hashing="]);
    const numbers = [...answer.matchAll(/<i[48]>(-?\d+)<\/i[48]>/g)].map((match) => Number(match[1]));
    return numbers.length === 3 && numbers[0] === 1 && numbers[1] === 1 && numbers[2] === 0;
  }

  async #call(method: string, parameters: readonly string[]): Promise<string> {
    const values = parameters.map((text) => `<param><value><string>${text}</string></value></param>`).join("");
    const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values}</params></methodCall>`;
    const head = ["CONTENT_LENGTH", Buffer.byteLength(body), "SCGI", "1", ""].join("\0");
    return await new Promise((resolve, reject) => {
      const socket = connect(this.#socketPath);
      let answer = "";
      socket.setEncoding("utf8");
      socket.on("data", (text: string) => {
        answer += text;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(answer));
      socket.write(`${head.length}:${head},${body}`);
    });
  }
}
