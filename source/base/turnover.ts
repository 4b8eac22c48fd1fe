/**
 * When to copy a Map or a Set whose entries come and go as long as the program runs.
 *
 * V8 links each table of one that has become too small, or too full of what was deleted, to the table that takes its place, for
 * iterations that are under way. Once one of these is old, all that come after it, with what was in them, outlive the collections
 * of young garbage: everything of each piece of a download did, until old memory was collected, which that brought on twice a
 * second. Nothing is linked to a copy.
 */

/** Copies are not worth their while more often. */
const comersMin = 128;

export class Turnover {
  #comers = 0;

  /**
   * Something comes into a collection of `size`. @returns whether to put a copy in its place before: as often as so much has
   * come as is in it. Not to be done where an iteration is under way that is to see what changes.
   */
  isDue(size: number): boolean {
    this.#comers++;
    if (this.#comers < Math.max(comersMin, size)) return false;
    this.#comers = 0;
    return true;
  }
}
