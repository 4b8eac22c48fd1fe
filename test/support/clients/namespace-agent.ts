/**
 * Lives inside the test's network namespace and lends it to the test process, which cannot enter it: every connection
 * to the Unix socket named on the command line says `HOST PORT\n` and is then joined to that TCP address. When standard
 * input ends (the test process closed it, or died) it kills whatever else still runs in the namespace, and ends.
 */
import { readdirSync, readlinkSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

const socketPath = process.argv[2] ?? "";
/** A host and a port: an address of a namespace is far shorter. */
const requestLengthMax = 100;

function bridge(client: Socket): void {
  client.on("error", () => client.destroy());
  client.once("data", (head) => {
    const end = head.indexOf(10);
    if (end < 0 || end > requestLengthMax) return void client.destroy();
    const [host = "", port = "0"] = head.subarray(0, end).toString().split(" ");
    const server = connect({ host, port: Number(port) });
    server.on("error", () => client.destroy());
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
    if (head.length > end + 1) server.write(head.subarray(end + 1));
    client.pipe(server).pipe(client);
  });
}

function killTheRest(): void {
  const own = readlinkSync("/proc/self/ns/net");
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) === own) process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself, or is none of ours.
    }
  }
}

createServer(bridge).listen(socketPath, () => process.stdout.write("ready\n"));
process.stdin.resume();
process.stdin.on("end", () => {
  killTheRest();
  process.exit(0);
});
