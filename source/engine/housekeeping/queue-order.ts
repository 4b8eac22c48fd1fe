/**
 * The places of torrents in the queue: one list of all, the first place is 1. Moves keep the order among those that are
 * moved, and among the rest.
 */

/** A number is the place, 1 or more, that the first of those moved shall have. */
export type QueueMove = "top" | "up" | "down" | "bottom" | number;

/** @returns the order after the move. Ids that are not in it are left out of account. */
export function movedInQueue<Id>(order: readonly Id[], ids: ReadonlySet<Id>, move: QueueMove): Id[] {
  switch (move) {
    case "up":
      return raised(order, ids);
    case "down":
      return raised([...order].reverse(), ids).reverse();
    case "top":
      return placed(order, ids, 0);
    case "bottom":
      return placed(order, ids, order.length);
    default:
      return placed(order, ids, move - 1);
  }
}

/** Each one place nearer the front, but none past another that is moved, too. */
function raised<Id>(order: readonly Id[], ids: ReadonlySet<Id>): Id[] {
  const result: Id[] = [];
  for (const id of order) {
    const before = result.at(-1);
    if (ids.has(id) && before !== undefined && !ids.has(before)) result.splice(-1, 0, id);
    else result.push(id);
  }
  return result;
}

function placed<Id>(order: readonly Id[], ids: ReadonlySet<Id>, index: number): Id[] {
  const moved = order.filter((id) => ids.has(id));
  const rest = order.filter((id) => !ids.has(id));
  return [...rest.slice(0, index), ...moved, ...rest.slice(index)];
}
