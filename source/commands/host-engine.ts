/**
 * The composition root: the real ports, the engine on them, and the control server in front. A host owns all of it;
 * whoever uses the engine speaks to it as a client, in memory or over a socket.
 */
import { join } from "node:path";
import { OperationalError } from "../base/errors.ts";
import { canonicalAddress } from "../base/ip-address.ts";
import { connectClient } from "../control/client.ts";
import { ControlServer } from "../control/control-server.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { EngineTarget } from "../control/engine-target.ts";
import { memoryChannel } from "../control/memory-channel.ts";
import type { RecordPlace } from "../engine/profile/profile-record.ts";
import { ProfileStore } from "../engine/profile/profile-store.ts";
import { Session } from "../engine/session.ts";
import type { SessionOptions } from "../engine/session-options.ts";
import { defaultRules, type SessionRules } from "../engine/session-rules.ts";
import { bootId } from "../platform/boot-id.ts";
import { LockSockets } from "../platform/lock-socket.ts";
import { NodeInterfaces } from "../platform/node-interfaces.ts";
import type { Settings } from "../settings/settings.ts";
import type { SettingsFile } from "../settings/settings-file.ts";
import { FilePool } from "../storage/file-pool.ts";
import { FileStorage } from "../storage/file-storage.ts";
import { ReadCache } from "../storage/read-cache.ts";
import { SpaceReserve } from "../storage/space-reserve.ts";
import { WorkMeter } from "../storage/work-meter.ts";
import { WriteRoom } from "../storage/write-behind.ts";
import { Attendants } from "./attendants.ts";
import { keepLocks } from "./keep-locks.ts";
import { nodePorts } from "./node-ports.ts";
import { trashPlace } from "./trash-place.ts";
import { version } from "./version.ts";

/** Of the command line; what is undefined is as the settings file has it. */
export interface EngineSettings {
  /** Absolute. */
  readonly profile: string;
  readonly port: number | undefined;
  readonly bind: string | undefined;
  readonly maxDownRate: number | undefined;
  readonly maxUpRate: number | undefined;
  readonly slots: number | undefined;
  /** Default: as the settings file has it. */
  readonly dht?: boolean | undefined;
  readonly lsd?: boolean | undefined;
}

export interface HostOptions {
  /** As the user calls this program, for whoever finds a download held: `p2p-tui get`. */
  readonly command: string;
  /**
   * `all`: takes up every torrent of the profile. `named`: only what is added; the profile then keeps nothing but
   * resume records, and several processes may use it at once.
   */
  readonly torrents: "all" | "named";
  /** Loaded. With all torrents it is looked at from now on, and may be changed. The host closes it. */
  readonly settings: SettingsFile;
}

export interface HostedEngine {
  readonly ports: ReturnType<typeof nodePorts>;
  readonly session: Session;
  readonly target: EngineTarget;
  readonly server: ControlServer;
  readonly locks: LockSockets;
  /** Resolves when a client has asked for `shutdown`. */
  readonly shutdownAsked: Promise<void>;
  /** Resolves when a client has asked for `stay`. */
  readonly stayAsked: Promise<void>;
  /** A client of its own, in memory. */
  connect(): Promise<EngineClient>;
  /** Listens, takes up torrents. */
  start(): Promise<void>;
  /** Tells trackers, writes state, closes everything. Idempotent. */
  stop(): Promise<void>;
}

/** What a foreground command was asked for neither waits its turn nor ends at a goal. */
function foregroundRules(settings: Settings): SessionRules {
  return { ...settings, queue: defaultRules.queue, seeding: defaultRules.seeding };
}

/** @throws OperationalError `bind-unknown`. */
export function hostEngine(profile: string, options: HostOptions): HostedEngine {
  const ports = nodePorts();
  const file = options.settings;
  const { limits } = file.settings;
  const pool = new FilePool(ports.files);
  const cache = new ReadCache();
  const work = new WorkMeter(ports.clock);
  const room = new WriteRoom();
  const isList = options.torrents === "all";
  const reserve = isList ? new SpaceReserve(ports, join(profile, "reserve")) : undefined;
  // Foreground commands have records of their own, so that they never meddle with a running engine's list.
  const writing: Pick<RecordPlace, "writeFileAtomic" | "warn"> = {
    ...(reserve === undefined ? {} : { writeFileAtomic: (path, bytes) => reserve.writeFileAtomic(path, bytes) }),
    warn: (message) => session.warn(message),
  };
  const store = new ProfileStore(ports, {
    folder: join(profile, isList ? "torrents" : "foreground"),
    kind: isList ? "list" : "records",
    bootId: bootId(),
    ...writing,
  });
  const place: RecordPlace = { files: ports.files, folder: profile, ...writing };
  const attendants = new Attendants(ports, { place, isWhole: isList, settings: () => file.settings });
  const trash = trashPlace();
  const locks = new LockSockets({ pid: process.pid, command: options.command, profile });
  const session = new Session(ports, {
    ...whereAtHome(file),
    profile,
    maxDownRate: limits.down,
    maxUpRate: limits.up,
    slots: limits.slots,
    version,
    pid: process.pid,
    locks,
    store,
    admittance: attendants.admittance,
    ...(isList ? { records: place } : { borrowedNodes: place }),
    work,
    makeStorage: (metainfo, savePath) => {
      // As it is now: a setting that is changed counts for what begins from then on.
      const { preallocate: preallocation } = file.settings.downloads;
      return new FileStorage(ports, { metainfo, savePath, preallocation, pool, cache, room, trash, work });
    },
  });
  session.apply(isList ? file.settings : foregroundRules(file.settings));
  if (isList) follow(file, session, attendants);
  const shutdown = Promise.withResolvers<void>();
  const stay = Promise.withResolvers<void>();
  const target = new EngineTarget(session, {
    shutdown: shutdown.resolve,
    stay: stay.resolve,
    settings: isList ? file : undefined,
  });
  const server = new ControlServer(ports, target, { version, profile, pid: process.pid });
  let stopped: Promise<void> | undefined;
  let stopKeeping: (() => void) | undefined;
  const stop = async (): Promise<void> => {
    stopKeeping?.();
    file.close();
    attendants.close();
    await session.stop();
    server.close();
    ports.http.close();
  };
  return {
    ports,
    session,
    locks,
    target,
    server,
    shutdownAsked: shutdown.promise,
    stayAsked: stay.promise,
    connect: () => {
      const { client, engine } = memoryChannel();
      server.attach(engine);
      return connectClient(ports, client, { version });
    },
    start: async () => {
      await attendants.prepare();
      await session.start();
      if (!isList) stopKeeping = keepLocks(ports.clock, locks, (message) => session.warn(message));
      attendants.attend(session);
      void reserve?.take();
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** What is changed in the file holds at once, but for where we are. */
function follow(file: SettingsFile, session: Session, attendants: Attendants): void {
  let told = file.settings.network;
  file.watch(() => {
    session.apply(file.settings);
    attendants.follow();
    for (const problem of file.problems) session.warn(problem);
    const { port, bind } = file.settings.network;
    if (port !== told.port || bind !== told.bind) {
      session.warn("the port and the address that the settings have now hold from the next start of the engine on");
    }
    told = file.settings.network;
  });
}

/**
 * What is bound to is an address or else an interface. @throws OperationalError `bind-unknown`: better no engine than one that
 * goes around a tunnel.
 */
function whereAtHome(file: SettingsFile): Pick<SessionOptions, "listen" | "interfaces"> {
  if (file.leavesOpen("network.bind")) {
    const why = file.problems[0] ?? `${file.path} says what is not understood`;
    const way = "what it says of network.bind is not known, and nothing is to go out past it: repair it, or say --bind";
    throw new OperationalError("bind-unknown", `${why}; ${way}`);
  }
  const { bind, port } = file.settings.network;
  const address = canonicalAddress(bind ?? "");
  return {
    listen: { address: address ?? "", port: port ?? undefined },
    interfaces: new NodeInterfaces(),
    ...(address === undefined ? {} : { localAddress: address }),
    ...(bind === null || address !== undefined ? {} : { interfaceName: bind }),
  };
}
