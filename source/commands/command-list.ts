/** Everything that can follow `p2p-tui`, in the order of the help; for the dispatcher and for completion. */
import type { CommandSpec, GroupSpec } from "./command.ts";
import * as ban from "./ctl-ban-specs.ts";
import * as choice from "./ctl-choice-specs.ts";
import * as dht from "./ctl-dht-specs.ts";
import * as limit from "./ctl-limit-specs.ts";
import * as move from "./ctl-move-specs.ts";
import * as ctl from "./ctl-specs.ts";
import * as engine from "./engine-specs.ts";
import { simSpec } from "./sim-specs.ts";
import * as one from "./specs.ts";

export const groups: readonly GroupSpec[] = [engine.engineGroup, ctl.ctlGroup];

export const commands: readonly CommandSpec[] = [
  one.openSpec,
  one.getSpec,
  one.seedSpec,
  one.createSpec,
  one.infoSpec,
  one.verifySpec,
  one.trackSpec,
  one.demoSpec,
  simSpec,
  engine.engineStartSpec,
  engine.engineStopSpec,
  engine.engineStatusSpec,
  engine.engineUnitSpec,
  engine.engineRunSpec,
  ctl.ctlListSpec,
  ctl.ctlAddSpec,
  ctl.ctlPauseSpec,
  ctl.ctlResumeSpec,
  ctl.ctlRemoveSpec,
  ctl.ctlRestoreSpec,
  ctl.ctlRecheckSpec,
  ctl.ctlReannounceSpec,
  limit.ctlSetSpec,
  limit.ctlQueueSpec,
  limit.ctlAlternativeSpec,
  ctl.ctlSettingsSpec,
  choice.ctlLabelSpec,
  choice.ctlSequentialSpec,
  choice.ctlFilesSpec,
  move.ctlMoveSpec,
  move.ctlRenameSpec,
  ban.ctlBanSpec,
  ban.ctlUnbanSpec,
  ban.ctlBansSpec,
  ban.ctlKickSpec,
  dht.ctlDhtSpec,
  ctl.ctlPeersSpec,
  ctl.ctlPiecesSpec,
  ctl.ctlTrackersSpec,
  choice.ctlWhySpec,
  ctl.ctlStatsSpec,
  ctl.ctlNamesSpec,
  one.completionsSpec,
  one.demoSwarmSpec,
  one.demoHostSpec,
  one.demoEngineSpec,
];
