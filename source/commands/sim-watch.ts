/**
 * `sim --watch`: the UI on one engine of a simulated swarm. It talks to that engine through the control protocol, as to any
 * other; only that here both are in one process, the engine's time is the world's, and the UI's and the protocol's are real.
 */
import { OperationalError } from "../base/errors.ts";
import { connectClient } from "../control/client.ts";
import { ControlServer } from "../control/control-server.ts";
import type { ControlTarget } from "../control/control-target.ts";
import type { EngineClient } from "../control/engine-client.ts";
import { EngineTarget } from "../control/engine-target.ts";
import { memoryChannel } from "../control/memory-channel.ts";
import type {
  Command,
  CommandResult,
  GraphTopic,
  Notice,
  SessionRow,
  TorrentRow,
  TorrentTopic,
} from "../control/protocol.ts";
import type { SettingValue } from "../control/settings-protocol.ts";
import { NodeClock } from "../platform/node-clock.ts";
import { nodeTurns } from "../platform/node-turns.ts";
import type { EngineNode } from "../simulator/engine-node.ts";
import { PacedRun, speedDefault } from "../simulator/paced-run.ts";
import { resultsOf } from "../simulator/results.ts";
import type { SwarmSimulation } from "../simulator/swarm-simulation.ts";
import type { TuiEnvironment } from "../tui/run-tui.tsx";
import type { SimulationCommand, SimulationDial, SimulationStatus } from "../tui/simulation-dial.ts";
import { type CommandIo, exitCode } from "./command.ts";
import { profileDirectory, unlessHomeless } from "./directories.ts";
import { type OptionValues, UsageError } from "./option-table.ts";
import { openSettings } from "./settings-place.ts";
import type { simSpec } from "./sim-specs.ts";
import { resultsText } from "./sim-text.ts";
import { version } from "./version.ts";

const clock = new NodeClock();

/** @param environment default: the process's own terminal. @throws UsageError where there is no terminal, OperationalError `unknown-node`. */
export async function watchSimulation(
  io: CommandIo,
  simulation: SwarmSimulation,
  { node: name, speed = speedDefault }: Pick<OptionValues<typeof simSpec.options>, "node" | "speed">,
  environment?: TuiEnvironment,
): Promise<number> {
  if (!io.isOutTerminal) throw new UsageError("--watch needs a terminal");
  const settings = await looksOf(io);
  const beganMs = nodeTurns.realMs();
  const node = await joinedNode(simulation, name);
  const run = new PacedRun(simulation, { turns: nodeTurns, clock }, speed);
  const target = new WatchedTarget(node, () => run.stop());
  const server = new ControlServer({ clock }, target, { version, profile: "/", pid: process.pid });
  let failure: unknown;
  const running = run.run().catch((error: unknown) => {
    failure = error;
    // The UI says that the engine is gone; why, we say when it has left.
    server.close();
  });
  const { runTui } = await import("../tui/run-tui.tsx");
  const outcome = await runTui({
    connect: () => connectTo(server),
    openFirst: true,
    initialTorrents: [
      { torrent: { metainfo: Buffer.from(simulation.torrent.metainfo).toString("base64") }, savePath: "/" },
    ],
    title: `p2p-tui sim ${simulation.plan.scenario}`,
    settings,
    ...(environment === undefined ? {} : { environment }),
    simulation: dialOf(simulation, target, run),
  });
  run.stop();
  await running;
  server.close();
  if (failure !== undefined) throw failure;
  const results = resultsOf(simulation, nodeTurns.realMs() - beganMs);
  io.out(resultsText(io, simulation.plan, results, !run.isOver));
  return outcome.exitCode === 1 ? exitCode.failed : outcome.exitCode;
}

/** What the user has chosen of the UI; keys, colours. */
async function looksOf(io: CommandIo): Promise<ReadonlyMap<string, SettingValue>> {
  const profile = unlessHomeless(() => profileDirectory(io, undefined));
  if (profile === undefined) return new Map();
  const { states } = await openSettings(io, { profile });
  return new Map(states.map(({ entry, value }) => [entry.key, value]));
}

/** @param name default: the first that wants the content. @returns once it has joined, which may be late. */
async function joinedNode(simulation: SwarmSimulation, name: string | undefined): Promise<EngineNode> {
  const { nodes } = simulation.plan;
  const plans = name === undefined ? nodes.filter(({ isSeed }) => !isSeed) : nodes.filter((node) => node.name === name);
  const plan = plans.toSorted((a, b) => a.joinsMs - b.joinsMs)[0];
  if (plan === undefined) {
    const some = nodes.slice(0, 4).map((node) => JSON.stringify(node.name));
    const message = `there is no node ${JSON.stringify(name)}; there are ${some.join(", ")}${nodes.length > 4 ? " …" : ""}`;
    throw new OperationalError("unknown-node", message);
  }
  const found = (): EngineNode | undefined => simulation.nodes.find((node) => node.plan === plan);
  await simulation.run(() => found()?.running !== undefined);
  const node = found();
  if (node === undefined) throw new OperationalError("unknown-node", `${JSON.stringify(plan.name)} never joined`);
  return node;
}

/** The engine of one node, and then of another: engines without disks, in a world with one torrent. */
class WatchedTarget implements ControlTarget {
  readonly #end: () => void;
  readonly #listeners = new Set<(notice: Notice) => void>();
  #node: EngineNode;
  #engine: EngineTarget;
  #stopHearing: () => void = () => {};

  /** @param end what leaving does. */
  constructor(node: EngineNode, end: () => void) {
    this.#end = end;
    this.#node = node;
    this.#engine = this.#attach(node);
  }

  get node(): EngineNode {
    return this.#node;
  }

  watch(node: EngineNode): void {
    this.#stopHearing();
    this.#node = node;
    this.#engine = this.#attach(node);
  }

  async execute(command: Command): Promise<CommandResult> {
    switch (command.name) {
      case "add-magnet":
      case "look-up":
      case "move":
      case "rename":
      case "remove":
        throw new OperationalError("simulated", "a simulated engine has one torrent and no disk");
      default:
        return this.#engine.execute(command);
    }
  }

  session(): SessionRow {
    return this.#engine.session();
  }

  torrents(): readonly TorrentRow[] {
    return this.#engine.torrents();
  }

  torrent(topic: TorrentTopic): ReturnType<ControlTarget["torrent"]> {
    return this.#engine.torrent(topic);
  }

  graph(topic: GraphTopic): ReturnType<ControlTarget["graph"]> {
    return this.#engine.graph(topic);
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #attach({ session }: EngineNode): EngineTarget {
    const engine = new EngineTarget(session, { shutdown: this.#end, stay: () => {}, settings: undefined });
    this.#stopHearing = engine.onNotice((notice) => {
      for (const listener of [...this.#listeners]) listener(notice);
    });
    return engine;
  }
}

async function connectTo(server: ControlServer): Promise<EngineClient> {
  const { client, engine } = memoryChannel();
  server.attach(engine);
  return connectClient({ clock }, client, { version });
}

function dialOf(simulation: SwarmSimulation, target: WatchedTarget, run: PacedRun): SimulationDial {
  const peers = simulation.plan.nodes.filter(({ isSeed }) => !isSeed).length;
  return {
    status: (): SimulationStatus => ({
      node: target.node.plan.name,
      virtualMs: simulation.nowMs,
      speed: run.speed,
      actualSpeed: run.actualSpeed,
      isPaused: run.isPaused,
      events: simulation.world.events,
      isOver: run.isOver,
      completed: simulation.nodes.filter(({ plan, completedMs }) => !plan.isSeed && completedMs !== undefined).length,
      peers,
    }),
    perform: (command) =>
      performOn(run, command, (step) => {
        const next = neighbourOf(simulation, target.node, step);
        if (next !== undefined) target.watch(next);
      }),
  };
}

/** @returns the next of those that are there, or the one before, round about. */
function neighbourOf(simulation: SwarmSimulation, node: EngineNode, step: 1 | -1): EngineNode | undefined {
  const there = simulation.nodes.filter((each) => each === node || (!each.isGone && each.running !== undefined));
  return there.at((there.indexOf(node) + step) % there.length);
}

function performOn(run: PacedRun, command: SimulationCommand, look: (step: 1 | -1) => void): void {
  switch (command) {
    case "timePause":
      run.pauseOrResume();
      break;
    case "timeFaster":
      run.faster();
      break;
    case "timeSlower":
      run.slower();
      break;
    case "timeSecond":
      run.step("second");
      break;
    case "peerNext":
      look(1);
      break;
    case "peerPrevious":
      look(-1);
      break;
    case "timeEvent":
      run.step("event");
      break;
  }
}
