/**
 * Runs in front of every test file: the file fails if, after its last hook, more sockets, servers, timers, watchers,
 * threads or child processes hold the event loop than before its first test. What was only just closed gets a moment
 * to go, since closing takes a turn of the loop or two. Unreferenced timers and handles do not count: they hold nothing.
 */
import { afterAll } from "vitest";

/** Requests in flight and immediates end by themselves; the pipe and channel to the runner are there before and after. */
const transient = new Set([
  "Immediate",
  "FSReqCallback",
  "FSReqPromise",
  "GetAddrInfoReqWrap",
  "CloseReq",
  "WriteWrap",
]);

const graceMs = 3_000;
// Kept from before any test can put fake timers in their place.
const realSetTimeout = globalThis.setTimeout;
const now = performance.now.bind(performance);

function held(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!transient.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

// Made on first use by whoever prints first: not a test's doing.
void process.stdout.writable;
void process.stderr.writable;
const before = held();

function leaked(): string[] {
  const found: string[] = [];
  for (const [name, count] of held()) {
    const extra = count - (before.get(name) ?? 0);
    if (extra > 0) found.push(`${extra} × ${name}`);
  }
  return found;
}

afterAll(async () => {
  const deadline = now() + graceMs;
  // The runner's own timers come and go; only what stays for the whole grace is a leak.
  let found = leaked();
  while (found.length > 0 && now() < deadline) {
    await new Promise<void>((resolve) => realSetTimeout(resolve, 25));
    found = leaked();
  }
  if (found.length > 0) throw new Error(`left open after this file's tests: ${found.join(", ")}`);
});
