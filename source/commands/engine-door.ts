/**
 * How a running engine is found, and why there is but one for each profile: the profile's lock, its mark and the control socket.
 *
 * The sockets are in the user's runtime directory, which the system removes when its user has logged out, and makes anew when he
 * comes back. An engine that lives on looks every few seconds whether they are still where others look for them, and
 * makes them again; until then the mark in the profile keeps a second engine from starting.
 */
import { messageOf, OperationalError } from "../base/errors.ts";
import { acquireLockSocket, holderText, type LockHolder, type LockSocket } from "../platform/lock-socket.ts";
import { markProcess, type ProcessMark } from "../platform/process-mark.ts";
import { type ControlListener, listenControl } from "../platform/ws-channel.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { engineMarkPath, enginePlace } from "./engine-place.ts";

/** Whoever looks for an engine that holds its profile waits for longer (`attachEngine`). */
const lookEveryMs = 5000;

export interface DoorEvents {
  readonly attach: Parameters<typeof listenControl>[1];
  /** The runtime directory is another than before: what else is in there is to be made again. */
  readonly lost: () => Promise<void>;
  readonly warn: (message: string) => void;
}

export class EngineDoor {
  readonly #self: LockHolder;
  readonly #mark: ProcessMark;
  #lock: LockSocket;
  #listener: ControlListener | undefined;
  /** At paths that are gone, with the clients that came by them. */
  readonly #formerListeners = new Set<ControlListener>();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #isClosing = false;
  /** What else is in the runtime directory is to be made again. */
  #isLost = false;
  #problem = "";

  private constructor(self: LockHolder, lock: LockSocket, mark: ProcessMark) {
    this.#self = self;
    this.#lock = lock;
    this.#mark = mark;
  }

  /** @throws OperationalError `held` where another engine has the profile. */
  static async open(profile: string): Promise<EngineDoor> {
    const self: LockHolder = { pid: process.pid, command: "p2p-tui", profile };
    const lock = await acquireLockSocket((await enginePlace(profile)).lockPath, self);
    if ("holder" in lock) {
      throw new OperationalError("held", `the profile ${profile} is in use by ${holderText(lock.holder)}`);
    }
    const mark = await markProcess(engineMarkPath(profile));
    if (!("pid" in mark)) return new EngineDoor(self, lock, mark);
    await lock.release();
    throw new OperationalError(
      "held",
      `the profile ${profile} is in use by p2p-tui (process ${mark.pid}), which cannot be reached from here: \`kill ${mark.pid}\` ends it`,
    );
  }

  /** Lets clients in, here and wherever they will look. */
  async listen(clock: Clock, events: DoorEvents): Promise<void> {
    this.#listener = await listenControl((await enginePlace(this.#self.profile)).controlPath, events.attach);
    const lookLater = (): void => {
      if (this.#isClosing) return;
      this.#timer = clock.after(lookEveryMs, () => {
        this.#looking = this.#look(events).catch((error: unknown) => this.#failed(messageOf(error), events));
        void this.#looking.then(lookLater);
      });
    };
    lookLater();
  }

  /** Nobody new gets in; those who are there stay. */
  stopAccepting(): void {
    this.#isClosing = true;
    this.#timer?.cancel();
    this.#listener?.stopAccepting();
  }

  /** Ends every connection, then gives up the profile. Idempotent. */
  async close(): Promise<void> {
    this.stopAccepting();
    await this.#looking;
    await Promise.all([this.#listener, ...this.#formerListeners].map((listener) => listener?.close()));
    // The lock last: whoever gets it then finds no mark.
    await this.#mark.release();
    await this.#lock.release();
  }

  async #look({ attach, lost }: DoorEvents): Promise<void> {
    const { lockPath, controlPath } = await enginePlace(this.#self.profile);
    if (!(await this.#lock.isAt(lockPath))) {
      const lock = await acquireLockSocket(lockPath, this.#self);
      // Somebody who is about to find our mark, and to go.
      if ("holder" in lock) return;
      const former = this.#lock;
      this.#lock = lock;
      this.#isLost = true;
      await former.release();
    }
    const listener = this.#listener;
    if (listener !== undefined && !(await listener.isAt(controlPath)) && !this.#isClosing) {
      // Before the new one is there: it takes its path with it.
      listener.stopAccepting();
      this.#formerListeners.add(listener);
      this.#listener = await listenControl(controlPath, attach);
      if (this.#isClosing) this.#listener.stopAccepting();
    }
    if (this.#isLost) await lost();
    this.#isLost = false;
    this.#problem = "";
  }

  #failed(problem: string, { warn }: DoorEvents): void {
    if (problem !== this.#problem && !this.#isClosing) warn(`the engine cannot be reached by others: ${problem}`);
    this.#problem = problem;
  }
}
