/** Why the DHT finds nobody for a torrent. Part of `why.ts`. */
import { plural } from "../base/units.ts";
import { type Verdict, type VerdictWeight, verdict } from "./verdict.ts";

/** Of a torrent that is not private. */
export interface DhtFacts {
  readonly isEnabled: boolean;
  /** Nodes that are known to be there. */
  readonly nodes: number;
  /** Why there are none, "" where that is not known yet. */
  readonly problem: string;
  /** Of the last search for this torrent that is over; `null` before that. */
  readonly last: { readonly peers: number; readonly asked: number } | null;
}

/** It names no tracker: the DHT is its only way. `undefined`: nobody knows how that does. */
export function trackerless(dht: DhtFacts | undefined): Verdict {
  const help = "name a peer: --peer HOST:PORT";
  if (dht === undefined) return verdict("stops", "no-source", "it names no tracker, and no peer is known", help);
  if (!dht.isEnabled) {
    const sentence = "it names no tracker, and the DHT is switched off";
    return verdict("stops", "dht-off", sentence, `switch it on (dht.enabled), or ${help}`);
  }
  if (dht.nodes === 0) return dhtAlone(dht, "stops", "it names no tracker, and the DHT knows no node yet");
  if (dht.last === null) return verdict("stops", "dht-searching", "the DHT is being asked for peers");
  return dhtNobody(dht, "stops", "it names no tracker, and nobody in the DHT has it", `wait, or ${help}`);
}

/** Its trackers are of no use: why the DHT is not either. */
export function besideTrackers(dht: DhtFacts | undefined): readonly Verdict[] {
  if (dht === undefined) return [];
  if (!dht.isEnabled) {
    return [
      verdict("note", "dht-off", "the DHT, which needs no tracker, is switched off", "switch it on: dht.enabled"),
    ];
  }
  if (dht.nodes === 0) return [dhtAlone(dht, "slows", "the DHT finds nobody: it knows no node yet")];
  if (dht.last === null) return [verdict("note", "dht-searching", "the DHT is being asked for peers")];
  return dht.last.peers === 0 ? [dhtNobody(dht, "slows", "nobody in the DHT has it", "")] : [];
}

function dhtAlone({ problem }: DhtFacts, weight: VerdictWeight, sentence: string): Verdict {
  return verdict(weight, "dht-alone", sentence, "is UDP let through? `ctl dht` tells more", [
    problem !== "" && problem,
  ]);
}

function dhtNobody({ nodes, last }: DhtFacts, weight: VerdictWeight, sentence: string, help: string): Verdict {
  return verdict(weight, "dht-nobody", sentence, help, [
    `${plural(last?.asked ?? 0, "node")} asked, ${nodes} known; it is asked again from time to time`,
  ]);
}
