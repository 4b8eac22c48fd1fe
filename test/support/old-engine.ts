/** An engine of an older version, as far as a newer program sees one. Run: node old-engine.ts CONTROL_PATH. Ends at SIGTERM. */
import { listenControl } from "../../source/platform/ws-channel.ts";

const listener = await listenControl(process.argv[2] ?? "", (channel) => {
  channel.onMessage = () => {
    channel.send({ type: "welcome", protocol: 0, version: "0.0.1", pid: process.pid, profile: "/x" });
    channel.close();
  };
});
process.on("SIGTERM", () => {
  void listener.close().then(() => process.exit(0));
});
process.stdout.write("ready\n");
