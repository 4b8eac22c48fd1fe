import { expect, it } from "vitest";
import { FloodGate } from "../../source/swarm/flood-gate.ts";

it("stops reading a neighbour when the disk is full, until it takes more again", () => {
  const disk = { isCongested: false, isFull: false };
  const readings: boolean[] = [];
  const link = {
    queuedBytes: 0,
    send: () => {},
    isReadingPaused: false,
    isOverLimit: false,
    setReading: (isReading: boolean) => readings.push(isReading),
    close: () => {},
  };
  const gate = new FloodGate(link, { isFull: false, isHalfEmpty: true }, disk);
  disk.isCongested = true;
  gate.check();
  expect(readings).toEqual([]);
  disk.isFull = true;
  gate.check();
  disk.isFull = false;
  gate.check();
  expect(readings).toEqual([false]);
  disk.isCongested = false;
  gate.check();
  expect(readings).toEqual([false, true]);
});
