/**
 * A process with a seed and a leech in it, to be attacked from outside: tells where they are, and when its input ends how
 * much memory it came to have (bytes), what went wrong, and whether the leech got the content from the seed.
 */
import { Arena } from "../support/arena.ts";

const arena = new Arena();
const seed = await arena.seed("127.0.1.1");
const leech = await arena.leech("127.0.2.1");
process.on("unhandledRejection", (error) => arena.problems.push(`unhandled: ${String(error)}`));
const before = process.memoryUsage.rss();
let peak = before;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5);
process.stdout.write(`${JSON.stringify({ seed: seed.endpoint, leech: leech.endpoint })}\n`);
process.stdout.on("error", () => process.exit(1));
process.stdin.resume().on("end", async () => {
  arena.introduce(leech, seed.endpoint);
  await leech.complete;
  clearInterval(sampling);
  process.stdout.write(`${JSON.stringify({ grown: peak - before, verdict: arena.verdict(leech, seed) })}\n`);
  await arena.close();
});
