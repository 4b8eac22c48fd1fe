/** All that `p2p-tui sim` knows, in the order of its list. */
import type { Scenario } from "../scenario.ts";
import { lecture } from "./lecture.ts";

export const allScenarios: readonly Scenario[] = [lecture];
