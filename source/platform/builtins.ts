/**
 * Modules of Node without what it costs to import them: for an ES import Node looks at every export, and some load much when they are
 * looked at.
 */

/** Without all of `fetch`: 25 ms, a fifth of a start. */
export function builtinHttp(): typeof import("node:http") {
  return process.getBuiltinModule("node:http");
}

/** Without `diff` and other decoders of text: 4 ms. */
export function builtinUtil(): typeof import("node:util") {
  return process.getBuiltinModule("node:util");
}

/** Only where a name is looked up: 2 ms. */
export function builtinDns(): typeof import("node:dns") {
  return process.getBuiltinModule("node:dns");
}

/** Only where another program is run. */
export function builtinProcesses(): typeof import("node:child_process") {
  return process.getBuiltinModule("node:child_process");
}

/** Only where threads hash: 1 ms. */
export function builtinThreads(): typeof import("node:worker_threads") {
  return process.getBuiltinModule("node:worker_threads");
}
