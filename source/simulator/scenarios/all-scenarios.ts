/** All that `p2p-tui sim` knows, in the order of its list. */
import type { Scenario } from "../scenario.ts";
import { breakdowns, crowds, liars } from "./bystanders.ts";
import { altruistic, churn, flashCrowd, lastPiece, seedLeavesEarly, selfish, steadyState } from "./crowds.ts";
import { classes, freeRiders, nat, poisoners, slowMajority, trackerDeath } from "./kinds.ts";
import { lecture } from "./lecture.ts";

export const allScenarios: readonly Scenario[] = [
  lecture,
  flashCrowd,
  steadyState,
  freeRiders,
  slowMajority,
  classes,
  seedLeavesEarly,
  selfish,
  altruistic,
  churn,
  lastPiece,
  poisoners,
  liars,
  crowds,
  breakdowns,
  nat,
  trackerDeath,
];
