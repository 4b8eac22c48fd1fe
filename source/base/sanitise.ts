/**
 * Text from outside (names, client ids, tracker messages, paths) on its way to a screen, a log or a terminal after
 * exit. Drops C0, DEL and C1 controls (so no escape sequence survives), bidirectional and zero-width marks, line
 * separators and lone surrogates; white space, and Braille without a dot, becomes a plain space.
 */
const controls = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g;
const invisible =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]/g;
const variationSelectors = /[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/gu;

/** @param text of any length. @param lengthMax UTF-16 units kept; more is cut with an ellipsis. Default 300. */
export function sanitise(text: string, lengthMax = 300): string {
  const head = text.length > 4 * lengthMax ? text.slice(0, 4 * lengthMax) : text;
  const clean = head
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u0085\u00a0\u2800]+/g, " ")
    .replace(controls, "")
    .replace(invisible, "")
    .replace(variationSelectors, "");
  if (clean.length <= lengthMax) return clean;
  return `${clean
    .slice(0, lengthMax - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "")}…`;
}

const codePointsMax = 8;

/**
 * A file's path where people read it: sanitised, and a name in it of which nothing can be seen is told by its code points,
 * as `(U+200C U+200D)`. Such names are not empty, and two of them are two files.
 * @param lengthMax see `sanitise`.
 */
export function shownPath(path: string, lengthMax?: number): string {
  const names = path.split("/").map((name) => (name === "" || isSeen(name) ? name : codePointsOf(name)));
  return sanitise(names.join("/"), lengthMax);
}

/** Whether anything of a name can be seen. Marks alone stand on nothing. */
export function isSeen(name: string): boolean {
  return /^[!-~]/.test(name) || /[^\s\p{M}]/u.test(sanitise(name, name.length));
}

function codePointsOf(name: string): string {
  const points = Array.from(name.slice(0, 4 * codePointsMax), (character) => character.codePointAt(0) ?? 0);
  const words = points.slice(0, codePointsMax).map((point) => `U+${point.toString(16).toUpperCase().padStart(4, "0")}`);
  return `(${words.join(" ")}${points.length > codePointsMax ? " …" : ""})`;
}

/** A URL as it may be shown: user info and everything that looks like a passkey is masked (HOSTILE C5). */
export function maskUrl(url: string): string {
  return sanitise(url)
    .replace(/\/\/[^/@]*@/, "//***@")
    .replace(/([?&][^=&]*(?:key|pass|token|auth|secret|uid)[^=&]*=)[^&]+/gi, "$1***")
    .replace(/\/[0-9a-zA-Z_-]{20,}(?=\/|$|\?)/g, "/***");
}
