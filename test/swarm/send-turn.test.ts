import { expect, it } from "vitest";
import { SendTurn } from "../../source/swarm/send-turn.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const mebibyte = 2 ** 20;

function world() {
  const clock = new VirtualClock();
  const turn = new SendTurn(clock);
  const served: string[] = [];
  /** Sends so much when it is its turn. */
  const wait = (name: string, bytes: number): void =>
    turn.await(() => {
      served.push(name);
      turn.sent(bytes);
    });
  /** @returns who was served in the next turn. */
  const next = (): string[] => {
    clock.advance(0);
    return served.splice(0);
  };
  return { clock, turn, wait, next };
}

it("a turn is over when four mebibytes are sent, and begins anew when the event loop has gone round", () => {
  const { turn, wait, next } = world();
  turn.sent(4 * mebibyte - 1);
  expect(turn.isOver).toBe(false);
  turn.sent(1);
  expect(turn.isOver).toBe(true);
  wait("a", mebibyte);
  expect(next()).toEqual(["a"]);
  expect(turn.isOver).toBe(false);
});

it("a turn in which nobody waits is over when nothing was sent for a while", () => {
  const { clock, turn } = world();
  turn.sent(4 * mebibyte);
  clock.advance(4);
  expect(turn.isOver).toBe(true);
  clock.advance(1);
  expect(turn.isOver).toBe(false);
});

it("who finds no room goes before those who came later", () => {
  const { clock, turn } = world();
  const order: string[] = [];
  turn.sent(4 * mebibyte);
  turn.await(() => {
    order.push("first");
    turn.sent(4 * mebibyte);
    turn.await(() => order.push("first again"));
  });
  turn.await(() => order.push("second"));
  clock.advance(0);
  expect(order.splice(0)).toEqual(["first", "second", "first again"]);
  expect(clock.pendingTimers).toBe(0);
});

it("one that throws is nothing to the others", () => {
  const { clock, turn, wait, next } = world();
  turn.sent(4 * mebibyte);
  turn.await(() => {
    throw new Error("a bug");
  });
  wait("second", 1);
  expect(() => clock.advance(0)).toThrow("a bug");
  expect(next()).toEqual(["second"]);
  expect(clock.pendingTimers).toBe(0);
});
