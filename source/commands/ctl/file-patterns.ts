/**
 * Which files of a torrent are meant: `3` and `3-7` by index, `extras/cover.jpg` by path, `extras` with all below it, and
 * `*.nfo` by glob. The torrent's own folder, the first of every path, may be left out. Letters count the same in either
 * case; `*` is any text, slashes too, `?` one character; without a slash a glob is for names wherever they lie.
 */
import { OperationalError } from "../../base/errors.ts";
import { sanitise } from "../../base/sanitise.ts";

export interface NamedFile {
  readonly index: number;
  /** With `/`. */
  readonly path: string;
}

/** @throws OperationalError `no-such-file` where the pattern fits none. */
export function matchFiles(files: readonly NamedFile[], pattern: string): readonly number[] {
  const found = fittingFiles(files, pattern);
  if (found.length > 0) return found;
  throw new OperationalError("no-such-file", `the torrent has no file ${JSON.stringify(sanitise(pattern))}`);
}

/** @returns their indices. */
export function fittingFiles(files: readonly NamedFile[], pattern: string): readonly number[] {
  const range = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(pattern);
  const [, first = "", last = first] = range ?? [];
  const fits =
    range === null
      ? byPath(pattern)
      : ({ index }: NamedFile): boolean => index >= Number(first) && index <= Number(last);
  return files.filter(fits).map(({ index }) => index);
}

function byPath(pattern: string): (file: NamedFile) => boolean {
  const wanted = fold(pattern.replace(/\/+$/, ""));
  const isGlob = /[*?]/.test(wanted);
  const isName = !wanted.includes("/");
  return ({ path }) => {
    const whole = fold(path);
    const inner = whole.slice(whole.indexOf("/") + 1);
    if (isGlob && isName) return matchesGlob(wanted, whole.slice(whole.lastIndexOf("/") + 1));
    return [whole, inner].some((each) =>
      isGlob ? matchesGlob(wanted, each) : each === wanted || each.startsWith(`${wanted}/`),
    );
  };
}

/** In time of at most pattern × text, whatever either is. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let starText = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      starText = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
