/** From the command line to a command: which one, its options, its help, its errors as one sentence, its exit code. */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";
import { type CommandIo, type CommandSpec, exitCode, type GroupSpec, type RunCommand } from "./command.ts";
import { groups } from "./command-list.ts";
import * as banSpecs from "./ctl-ban-specs.ts";
import * as choiceSpecs from "./ctl-choice-specs.ts";
import * as dhtSpecs from "./ctl-dht-specs.ts";
import * as limitSpecs from "./ctl-limit-specs.ts";
import * as moveSpecs from "./ctl-move-specs.ts";
import * as ctlSpecs from "./ctl-specs.ts";
import * as engineSpecs from "./engine-specs.ts";
import { commandHelp, groupHelp, programHelp } from "./help.ts";
import { eventLine } from "./json-events.ts";
import { type OptionTable, type OptionValues, parseOptions, UsageError } from "./option-table.ts";
import { simSpec } from "./sim-specs.ts";
import * as specs from "./specs.ts";
import { namesIn, unknownCommand, unknownMember } from "./unknown-command.ts";
import { version } from "./version.ts";

interface Entry {
  readonly spec: CommandSpec;
  readonly run: (io: CommandIo, args: readonly string[]) => Promise<number>;
}

/** Each program is loaded when it is asked for: `get` never loads React, help loads nothing. */
const entries: readonly Entry[] = [
  entry(specs.openSpec, async () => (await import("./open.ts")).runOpen),
  entry(specs.getSpec, async () => (await import("./get.ts")).runGet),
  entry(specs.seedSpec, async () => (await import("./seed.ts")).runSeed),
  entry(specs.createSpec, async () => (await import("./create.ts")).runCreate),
  entry(specs.infoSpec, async () => (await import("./info.ts")).runInfo),
  entry(specs.verifySpec, async () => (await import("./verify.ts")).runVerify),
  entry(specs.trackSpec, async () => (await import("./track.ts")).runTrack),
  entry(specs.demoSpec, async () => (await import("./demo.ts")).runDemo),
  entry(simSpec, async () => (await import("./sim.ts")).runSim),
  entry(engineSpecs.engineStartSpec, async () => (await import("./engine-start.ts")).runEngineStart),
  entry(engineSpecs.engineStopSpec, async () => (await import("./engine-stop.ts")).runEngineStop),
  entry(engineSpecs.engineStatusSpec, async () => (await import("./engine-status.ts")).runEngineStatus),
  entry(engineSpecs.engineUnitSpec, async () => (await import("./engine-unit.ts")).runEngineUnit),
  entry(engineSpecs.engineRunSpec, async () => (await import("./engine-run.ts")).runEngineRun),
  entry(ctlSpecs.ctlListSpec, async () => (await import("./ctl/list.ts")).runCtlList),
  entry(ctlSpecs.ctlAddSpec, async () => (await import("./ctl/add.ts")).runCtlAdd),
  entry(ctlSpecs.ctlPauseSpec, async () => (await import("./ctl/act.ts")).runCtlPause),
  entry(ctlSpecs.ctlResumeSpec, async () => (await import("./ctl/act.ts")).runCtlResume),
  entry(ctlSpecs.ctlRemoveSpec, async () => (await import("./ctl/remove.ts")).runCtlRemove),
  entry(ctlSpecs.ctlRestoreSpec, async () => (await import("./ctl/restore.ts")).runCtlRestore),
  entry(ctlSpecs.ctlRecheckSpec, async () => (await import("./ctl/act.ts")).runCtlRecheck),
  entry(ctlSpecs.ctlReannounceSpec, async () => (await import("./ctl/act.ts")).runCtlReannounce),
  entry(limitSpecs.ctlSetSpec, async () => (await import("./ctl/set.ts")).runCtlSet),
  entry(limitSpecs.ctlQueueSpec, async () => (await import("./ctl/queue.ts")).runCtlQueue),
  entry(limitSpecs.ctlAlternativeSpec, async () => (await import("./ctl/alternative.ts")).runCtlAlternative),
  entry(ctlSpecs.ctlSettingsSpec, async () => (await import("./ctl/settings.ts")).runCtlSettings),
  entry(choiceSpecs.ctlLabelSpec, async () => (await import("./ctl/label.ts")).runCtlLabel),
  entry(choiceSpecs.ctlSequentialSpec, async () => (await import("./ctl/sequential.ts")).runCtlSequential),
  entry(choiceSpecs.ctlFilesSpec, async () => (await import("./ctl/files.ts")).runCtlFiles),
  entry(moveSpecs.ctlMoveSpec, async () => (await import("./ctl/move.ts")).runCtlMove),
  entry(moveSpecs.ctlRenameSpec, async () => (await import("./ctl/move.ts")).runCtlRename),
  entry(banSpecs.ctlBanSpec, async () => (await import("./ctl/ban.ts")).runCtlBan),
  entry(banSpecs.ctlUnbanSpec, async () => (await import("./ctl/ban.ts")).runCtlUnban),
  entry(banSpecs.ctlBansSpec, async () => (await import("./ctl/ban.ts")).runCtlBans),
  entry(banSpecs.ctlKickSpec, async () => (await import("./ctl/kick.ts")).runCtlKick),
  entry(dhtSpecs.ctlDhtSpec, async () => (await import("./ctl/dht.ts")).runCtlDht),
  entry(ctlSpecs.ctlPeersSpec, async () => (await import("./ctl/peers.ts")).runCtlPeers),
  entry(ctlSpecs.ctlPiecesSpec, async () => (await import("./ctl/pieces.ts")).runCtlPieces),
  entry(ctlSpecs.ctlTrackersSpec, async () => (await import("./ctl/trackers.ts")).runCtlTrackers),
  entry(choiceSpecs.ctlWhySpec, async () => (await import("./ctl/why.ts")).runCtlWhy),
  entry(ctlSpecs.ctlStatsSpec, async () => (await import("./ctl/stats.ts")).runCtlStats),
  entry(ctlSpecs.ctlNamesSpec, async () => (await import("./ctl/names.ts")).runCtlNames),
  entry(specs.completionsSpec, async () => (await import("./completions.ts")).runCompletions),
  entry(specs.demoSwarmSpec, async () => (await import("./demo-swarm.ts")).runDemoSwarm),
  entry(specs.demoHostSpec, async () => (await import("./demo-host.ts")).runDemoHost),
  entry(specs.demoEngineSpec, async () => (await import("./demo-engine.ts")).runDemoEngine),
];

/** @param args without `node` and the script. @returns the exit code. */
export async function runCommandLine(args: readonly string[], io: CommandIo): Promise<number> {
  const [first, ...rest] = args;
  if (first === "help") return runHelp(rest, io);
  const group = groups.find(({ name }) => name === first);
  if (group !== undefined) return runGroup(group, rest, io);
  const named = entries.find(({ spec }) => spec.name === first);
  if (named !== undefined) return named.run(io, rest);
  const all = entries.map(({ spec }) => spec);
  const wrong = first === undefined ? undefined : unknownCommand(first, all, io.workingDirectory);
  return wrong === undefined ? openEntry().run(io, args) : usageError(io, wrong);
}

/** As `--help` behind the command that is named. */
async function runHelp(words: readonly string[], io: CommandIo): Promise<number> {
  const [first = ""] = words;
  const names = [...groups, ...entries.map(({ spec }) => spec)].map(({ name }) => name);
  if (first === "" || first.startsWith("-") || names.includes(first)) {
    return runCommandLine([...words.slice(0, 2), "--help"], io);
  }
  return usageError(io, `there is no command ${JSON.stringify(sanitise(first))}`);
}

async function runGroup(group: GroupSpec, args: readonly string[], io: CommandIo): Promise<number> {
  const members = entries.map(({ spec }) => spec).filter(({ name }) => name.startsWith(`${group.name} `));
  const [first] = args;
  if (first === "--help" || first === "-h") {
    io.out(groupHelp(group, members));
    return exitCode.done;
  }
  const at = placeOfName(members, args);
  const word = args[at];
  const named = entries.find(({ spec }) => spec.name === `${group.name} ${word}`);
  if (named !== undefined) return named.run(io, args.toSpliced(at, 1));
  const none = `${group.name} needs one of ${namesIn(group.name, members)}`;
  return usageError(io, word === undefined ? none : unknownMember(group.name, word, members), group.name);
}

/** @param command whose help to look at. Default: the program's. */
function usageError(io: CommandIo, sentence: string, command?: string): number {
  io.err(`p2p-tui: ${sentence}\nTry \`p2p-tui${command === undefined ? "" : ` ${command}`} --help\`.\n`);
  return exitCode.usage;
}

/** A command's options may stand before its name, with their values. */
function placeOfName(members: readonly CommandSpec[], args: readonly string[]): number {
  const takesValue = (word: string): boolean =>
    members.some(({ options }) => ["value", "list"].includes(options[word.slice(2)]?.kind ?? ""));
  let at = 0;
  for (let word = args[at]; word?.startsWith("--") === true; word = args[at]) at += takesValue(word) ? 2 : 1;
  return at;
}

function openEntry(): Entry {
  const [open] = entries;
  if (open === undefined) throw new Error("no commands");
  return open;
}

function entry<Table extends OptionTable>(spec: CommandSpec<Table>, load: () => Promise<RunCommand<Table>>): Entry {
  return {
    spec,
    run: async (io, args) => {
      let wantsJson = false;
      try {
        const { values, positionals } = parseOptions(spec.options, args, spec.takesDashWords);
        if (isGiven(values, "help")) {
          io.out(
            spec.name === specs.openSpec.name
              ? programHelp(
                  spec,
                  entries.map((each) => each.spec),
                  groups,
                )
              : commandHelp(spec),
          );
          return exitCode.done;
        }
        if (isGiven(values, "version")) {
          io.out(`p2p-tui ${version}\n`);
          return exitCode.done;
        }
        wantsJson = isGiven(values, "json");
        checkCount(spec, positionals);
        return await (await load())(io, values, positionals);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        if (wantsJson) io.out(eventLine({ event: "error", code: codeOf(error), message: messageOf(error) }));
        io.err(`p2p-tui: ${sanitise(messageOf(error), 1000)}\n`);
        if (!(error instanceof UsageError)) return exitCode.failed;
        const command = spec.name === specs.openSpec.name ? "" : ` ${spec.name}`;
        io.err(`Try \`p2p-tui${command} --help\`.\n`);
        return exitCode.usage;
      }
    },
  };
}

function isGiven(values: OptionValues<OptionTable>, name: string): boolean {
  return values[name] === true;
}

function checkCount(spec: CommandSpec, positionals: readonly string[]): void {
  const [min, max] = spec.positionals;
  if (positionals.length < min) {
    const needed = spec.usage
      .slice(spec.name.length + 1)
      .replace(/\[[^\]]*\] ?/g, "")
      .split(" ");
    throw new UsageError(`${spec.name} needs ${needed[positionals.length] || needed[0] || "an argument"}`);
  }
  const surplus = positionals[max];
  if (surplus !== undefined) {
    throw new UsageError(
      max === 0
        ? `${spec.name} takes no arguments, but was given ${JSON.stringify(surplus)}`
        : `${spec.name} takes one argument only`,
    );
  }
}
