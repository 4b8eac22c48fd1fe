import { describe, expect, it } from "vitest";
import { linger } from "../../source/commands/linger.ts";
import { settle, VirtualClock } from "../support/virtual-clock.ts";

/** Clients that come and go as a test says. */
class Clients {
  clientCount = 0;
  readonly stay = Promise.withResolvers<void>();
  readonly stayAsked = this.stay.promise;
  readonly server = this;
  #emptied: () => void = () => {};

  onEmpty(listener: () => void): void {
    this.#emptied = listener;
  }

  come(): void {
    this.clientCount++;
  }

  go(): void {
    this.clientCount--;
    if (this.clientCount === 0) this.#emptied();
  }
}

function begin(times: Parameters<typeof linger>[2]) {
  const clock = new VirtualClock();
  const clients = new Clients();
  let isOver = false;
  void linger(clock, clients, times).over.then(() => {
    isOver = true;
  });
  const over = async (): Promise<boolean> => {
    await settle();
    return isOver;
  };
  return { clock, clients, over };
}

describe("an engine that nobody is attached to", () => {
  it("ends after its time, counted from when the last client went", async () => {
    const { clock, clients, over } = begin({ lingerSeconds: 20 });
    clients.come();
    clock.advance(60_000);
    expect(await over()).toBe(false);
    clients.go();
    clock.advance(19_000);
    expect(await over()).toBe(false);
    clock.advance(1_000);
    expect(await over()).toBe(true);
  });

  it("ends where nobody ever came", async () => {
    const { clock, over } = begin({ lingerSeconds: 2 });
    clock.advance(2_000);
    expect(await over()).toBe(true);
  });

  it("does not end while it has no time to keep to, or once it was told to stay", async () => {
    const always = begin({ lingerSeconds: undefined });
    always.clock.advance(1e9);
    expect(await always.over()).toBe(false);
    const { clock, clients, over } = begin({ lingerSeconds: 2 });
    clients.come();
    clients.stay.resolve();
    await settle();
    clients.go();
    clock.advance(1e9);
    expect(await over()).toBe(false);
  });

  it("that was told to stay for a time ends when nobody has come back for so long", async () => {
    const { clock, clients, over } = begin({ lingerSeconds: 2, staySeconds: 7200 });
    clients.come();
    clients.stay.resolve();
    await settle();
    clients.go();
    clock.advance(7_199_000);
    clients.come();
    clock.advance(3_600_000);
    expect(await over()).toBe(false);
    clients.go();
    clock.advance(7_199_000);
    expect(await over()).toBe(false);
    clock.advance(1_000);
    expect(await over()).toBe(true);
  });
});
