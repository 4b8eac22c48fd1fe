/** A process that holds a lock until it is killed: `node hold-lock.ts PATH`. Prints `held`, or who holds it instead. */
import { acquireLockSocket } from "../../source/platform/lock-socket.ts";

const result = await acquireLockSocket(process.argv[2] ?? "", {
  pid: process.pid,
  command: "p2p-tui get",
  profile: "/p",
});
if ("holder" in result) {
  console.log(JSON.stringify(result.holder));
} else {
  console.log("held");
  process.stdin.resume();
  process.stdin.once("end", () => {
    result.release();
  });
}
