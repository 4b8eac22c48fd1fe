/** What an engine says of its DHT, to be shown. */
import type { DhtReport } from "../../source/control/dht-protocol.ts";

export function dhtReportOf(changes: Partial<DhtReport> = {}): DhtReport {
  return {
    isEnabled: true,
    isReadOnly: false,
    isJoining: false,
    dhtProblem: "",
    searchesUnderWay: 2,
    searches: 140,
    peersFound: 3120,
    nodes: [
      {
        family: 4,
        address: "0.0.0.0",
        port: 6881,
        externalAddress: "203.0.113.7",
        id: "0123456789abcdef0123456789abcdef01234567",
        good: 162,
        questionable: 12,
        bad: 3,
        lookups: 1,
        sent: 1200,
        unanswered: 300,
        received: 5000,
        answered: 4000,
        dropped: 7,
        malformed: 2,
        storedTorrents: 12,
        storedPeers: 40,
        storedValues: 1,
      },
    ],
    ...changes,
  };
}
