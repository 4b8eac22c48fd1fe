/** Checks of what is said of the DHT, both ways. See `validate.ts`. */
import { amount, arrayOf, boolean, type Check, literal, nullable, object, text, whole } from "./check.ts";
import type { DhtCommand, DhtNodeRow, DhtReport, DhtScrape } from "./dht-protocol.ts";
import { textLengthMax } from "./limits.ts";
import { infoHash } from "./validate-ids.ts";

type DhtCommandOf<Name extends DhtCommand["name"]> = Extract<DhtCommand, { readonly name: Name }>;

export const dhtCommands: { readonly [Name in DhtCommand["name"]]: Check<DhtCommandOf<Name>> } = {
  dht: object<DhtCommandOf<"dht">>({ name: literal("dht") }),
  "dht-scrape": object<DhtCommandOf<"dht-scrape">>({ name: literal("dht-scrape"), infoHash }),
};

const address = text(45);

const nodeRow: Check<DhtNodeRow> = object<DhtNodeRow>({
  family: (value, path) => (value === 4 ? 4 : literal(6)(value, path)),
  address,
  port: whole(1, 65_535),
  externalAddress: nullable(address),
  id: text(40),
  good: amount,
  questionable: amount,
  bad: amount,
  lookups: amount,
  sent: amount,
  unanswered: amount,
  received: amount,
  answered: amount,
  dropped: amount,
  malformed: amount,
  storedTorrents: amount,
  storedPeers: amount,
  storedValues: amount,
});

export const dhtReport: Check<DhtReport> = object<DhtReport>({
  isEnabled: boolean,
  isReadOnly: boolean,
  isJoining: boolean,
  dhtProblem: text(textLengthMax),
  searchesUnderWay: amount,
  searches: amount,
  peersFound: amount,
  nodes: arrayOf(nodeRow, 2),
});

export const dhtScrape: Check<DhtScrape> = object<DhtScrape>({
  scrapedSeeds: amount,
  scrapedLeeches: amount,
  sources: amount,
});
