/** The sizes that cross between a UI and the engine, at most. */

/** A .torrent file of 32 MiB in base64: the largest seen in the wild are under 20 MB. */
export const metainfoTextLengthMax = 45_000_000;
/** Manual peers in one `add`: a person types a few, a script a cluster. */
export const peersMax = 1000;
/** A host name has at most 253 characters. */
export const peerLengthMax = 300;
/** Linux's PATH_MAX is 4096 bytes; this many UTF-16 units leave room for any host. */
export const pathLengthMax = 8192;
/** Texts of the engine: names, tracker messages, comments. Generous, because a refused message ends the connection. */
export const textLengthMax = 1_000_000;
/** More rows than any screen has. */
export const windowLimitMax = 500;
/** As many as `TorrentTopic.cells` may ask for. */
export const cellsMax = 20_000;
/** One value a second for five minutes. */
export const historyMax = 300;
/** Far more than one engine can serve; bounds what a client holds. */
export const torrentsMax = 200_000;
/** Far more than a torrent names in practice (tens). */
export const trackersMax = 10_000;
/** Who may tell of peers; there are six. */
export const sourcesMax = 20;

/** Of one torrent, in its row: what a filter goes by. */
export const trackerHostsMax = 8;
export const hostLengthMax = 300;

/** A message on the wire, either way: the largest `add`, or the whole list of some 50,000 torrents. */
export const messageLengthMax = 64 * 1024 * 1024;
/** A client has a list and a torrent or two on screen; a script may watch more. */
export const subscriptionsMax = 64;
/** Unanswered requests of one client: a marked selection of torrents is acted on at once. */
export const pendingRequestsMax = 10_000;
/** Connected clients: terminals and scripts of one user. */
export const clientsMax = 64;
/** Far above the number of settings that there are. */
export const settingsMax = 1000;
/** Of a key, and of a value or a list of them. */
export const settingKeyLengthMax = 200;
export const settingTextLengthMax = 500_000;
/** Items of one setting. */
export const settingItemsMax = 1000;
/** Labels of one torrent, and characters in one. */
export const labelsMax = 32;
export const labelLengthMax = 64;
/** As many may be asked for, and as long: the engine says what is wrong with them. */
export const labelsAskedMax = 1000;
export const labelAskedLengthMax = 10_000;
/** Files of one torrent whose priority is changed at once: all of the largest. */
export const filesMax = 1_000_000;
/** Far more than do any good: the choker's rounds and the system's open files bound them. */
export const slotsMax = 1000;
export const connectionsMax = 100_000;
/** Why a torrent does what it does: there are some thirty verdicts, each with a few lines. */
export const verdictsMax = 100;
export const evidenceMax = 100;
/** Of one neighbour that is looked at: a value every two seconds for five minutes. */
export const neighbourHistoryMax = 150;
/** Steps of one graph: a week in quarters of an hour. */
export const graphStepsMax = 672;
/** Letters there are, with room for more. */
export const flagWordsMax = 50;
/** Runs of pieces that are named in one place. */
export const runsMax = 100;
/** Rounds of the choker that the ledger keeps (ten minutes), and rows and grants of one. */
export const ledgerRoundsMax = 60;
export const ledgerRowsMax = 20;

/** Files in the way of a move that are told of by name. */
export const moveReasonsMax = 100;

/** Banned addresses, in a command and in a report; as many as the engine keeps. */
export const bansMax = 10_000;
/** The longest IPv6 network has 49 characters. */
export const addressLengthMax = 100;

/** Numbers of copies that are told apart, and the last for all above. */
export const copiesMax = 33;
/** Who alone has a run of rare pieces: with more it is not rare. */
export const rareHoldersMax = 3;
/** Neighbours that lack something, by name: those that will be complete first. */
export const lackingMax = 20;
/** Files that one piece is part of, by name: of tiny ones there may be thousands. */
export const pieceFilesMax = 20;
/** Who has a piece: several screens of them. */
export const pieceNeighboursMax = 200;
/** Of the largest piece that a torrent may have (256 MiB). */
export const blocksMax = 16_384;
/** A magnet link's characters; as `metainfo/magnet.ts` takes them. */
export const magnetLengthMax = 64 * 1024;
/** How long a `look-up` may wait. */
export const lookUpSecondsMax = 600;

/** Disks that are in use: the engine asks 32 folders at most, besides those that are downloaded to. */
export const disksMax = 1000;
