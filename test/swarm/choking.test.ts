/** Between rounds: who gets a slot when interest comes and goes. A real swarm, spoken to in bytes. */
import { describe, expect, it } from "vitest";
import { messageId } from "../../source/wire/messages.ts";
import { type FarEnd, StandInSwarm } from "../bench/stand-in-swarm.ts";

/** We have half; ten neighbours have a third each. */
function world(): StandInSwarm {
  const made = new StandInSwarm({ pieceCount: 64, have: 0.5 });
  made.joinMany(10, 0.3);
  return made;
}

const served = ({ ends }: StandInSwarm) => ends.filter(({ neighbour }) => neighbour?.amChoking === false);
const wants = (end: FarEnd | undefined) => end?.sayBare(messageId.interested);
const wantsNothing = (end: FarEnd | undefined) => end?.sayBare(messageId.notInterested);

describe("between two rounds of choking", () => {
  it("gives a free slot at once to whoever comes to want something, and no more than there are", () => {
    const made = world();
    for (const [i, end] of made.ends.entries()) {
      wants(end);
      expect(served(made)).toHaveLength(Math.min(i + 1, 5));
    }
  });

  it("passes on the slot of one that has wanted nothing for a while when another's interest comes or goes", () => {
    const made = world();
    for (const end of made.ends.slice(0, 8)) wants(end);
    const [holder] = served(made);
    wantsNothing(holder);
    const last = made.ends.at(-1);
    made.clock.advance(9000);
    wants(last);
    expect(holder?.neighbour?.amChoking).toBe(false);
    made.clock.advance(1000);
    wantsNothing(last);
    expect(holder?.neighbour?.amChoking).toBe(true);
    expect(served(made)).toHaveLength(5);
  });

  it("gives the slot of one that leaves to another", () => {
    const made = world();
    for (const end of made.ends) wants(end);
    const [holder] = served(made);
    if (holder?.neighbour !== undefined) made.swarm.removeNeighbour(holder.neighbour);
    expect(served(made).filter((end) => end !== holder)).toHaveLength(5);
  });
});
