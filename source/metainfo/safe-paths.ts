/**
 * Names from a torrent as names on a disk (HOSTILE A1, A3, A4). Pure text: whether the disk already holds a link or
 * another torrent's file is for the storage to find out.
 *
 * A safe element is not empty, is no `.` or `..`, has no separator of any platform, no control, bidirectional or
 * invisible character, no trailing dot or space, is no device of Windows, and has at most 255 bytes. Unique paths differ
 * even where case and Unicode form do not count, and none is a folder of another. Nothing here takes more than linear time.
 *
 * Characters that only Windows refuses (`: ? * " < > |`) are kept: they are frequent in titles, cannot leave the folder,
 * and renaming them would hide files that other clients have stored.
 */

/** Linux, macOS and Windows allow at least this many bytes of UTF-8. */
export const elementLengthMax = 255;
/** More folders in one another no honest torrent has. */
export const pathDepthMax = 100;
/** Bytes of a path with its separators. Linux's PATH_MAX is 4096; this leaves room for the save directory. */
export const pathLengthMax = 3000;

const utf8 = new TextEncoder();

const plain = /^(?:[A-Za-z0-9_()[\] +,&'!-]|\.(?!$)){1,80}$/;
// C0, DEL, C1, separators, and U+FFFD, which stands for bytes that were no UTF-8.
const unsafe = /[\u0000-\u001f\u007f-\u009f/\\\ufffd\ufffe\uffff]/g;
// As in base/sanitise, but for the two joiners: in Persian and Indic names and in emoji they belong to the word. Braille
// without a dot is not among them either: names on disks do not change with what is shown.
const invisible =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;
const joiners = /\u200c|\u200d|[\ufe00-\ufe0f]/g;
// Bare only. `aux.c` is a name in real source trees and current Windows takes it.
const windowsDevice = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;

/** One element of a path, made safe. What is safe already stays as it is. */
export function safeElement(text: string): string {
  if (plain.test(text) && !text.endsWith(" ") && !windowsDevice.test(text)) return text;
  // Cut first: the rest of a name of megabytes is not worth looking at.
  let element = text
    .slice(0, 4 * elementLengthMax)
    .toWellFormed()
    .replace(unsafe, "_")
    .replace(invisible, "");
  element = withoutTail(shortened(withoutTail(element), elementLengthMax));
  if (element === "") return "_";
  return windowsDevice.test(element) ? `_${element}` : element;
}

/** Windows drops trailing dots and spaces, so that `a.` would be `a`. By hand: a pattern would take quadratic time. */
function withoutTail(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s.]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** At most `lengthMax` bytes of UTF-8, whole characters, the extension kept. */
function shortened(text: string, lengthMax: number): string {
  if (text.length * 3 <= lengthMax || byteLengthOf(text) <= lengthMax) return text;
  const extension = extensionOf(text);
  return head(text.slice(0, text.length - extension.length), lengthMax - byteLengthOf(extension)) + extension;
}

/** Bytes of the text's UTF-8. */
export function byteLengthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : utf8.encode(text).length;
}

function head(text: string, lengthMax: number): string {
  const into = new Uint8Array(lengthMax);
  return text.slice(0, utf8.encodeInto(text, into).read);
}

/** `.txt`; "" where there is none, or what follows the dot is too long to be one. */
function extensionOf(name: string): string {
  return /[^.](\.[^. ]{1,15})$/u.exec(name.slice(-20))?.[1] ?? "";
}

/** Equal for names that some disk takes for the same: without case, Unicode form and what cannot be seen. */
export function collisionKey(element: string): string {
  if (/^[\x20-\x7e]*$/.test(element)) return element.toLowerCase();
  return element.replace(joiners, "").normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * The same paths, but that of those that collide all except the first get a number before their extension:
 * `bar.txt`, `bar.1.txt`. A file whose path is the folder of another is renamed too, wherever it stands.
 * @param paths of safe elements, each at least one long.
 */
export function uniquePaths(paths: readonly (readonly string[])[]): (readonly string[])[] {
  // Folders get numbers, so that a deep path is not written out again for each folder above it.
  const folders = new Map<string, number>();
  const folderOfPath = paths.map((path) => {
    let folder = 0;
    for (const element of path.slice(0, -1)) {
      const key = `${folder}/${collisionKey(element)}`;
      folder = folders.get(key) ?? folders.size + 1;
      folders.set(key, folder);
    }
    return folder;
  });
  const files = new Set<string>();
  const isTaken = (key: string): boolean => folders.has(key) || files.has(key);
  // The next number to try for each stem, so that a hundred thousand equal names take a hundred thousand tries.
  const nextNumbers = new Map<string, number>();
  return paths.map((path, index) => {
    const folder = folderOfPath[index] ?? 0;
    const name = path.at(-1) ?? "_";
    let chosen = name;
    let key = `${folder}/${collisionKey(name)}`;
    if (isTaken(key)) {
      const extension = extensionOf(name);
      const stem = head(name.slice(0, name.length - extension.length), elementLengthMax - 64);
      const family = `${folder}/${collisionKey(stem)}/${collisionKey(extension)}`;
      let number = nextNumbers.get(family) ?? 1;
      do {
        chosen = `${stem}.${number++}${extension}`;
        key = `${folder}/${collisionKey(chosen)}`;
      } while (isTaken(key));
      nextNumbers.set(family, number);
    }
    files.add(key);
    return chosen === name ? path : [...path.slice(0, -1), chosen];
  });
}
