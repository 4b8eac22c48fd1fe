/**
 * `node:http` without what it costs to import it: for an ES import Node looks at every export, and at one of them it loads all of
 * `fetch`. That is 25 ms, a fifth of a start.
 */
export function builtinHttp(): typeof import("node:http") {
  return process.getBuiltinModule("node:http");
}
