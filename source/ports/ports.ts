/** Everything the engine needs of the world, in one value. The product passes the platform's, simulations their own. */
import type { Clock } from "./clock.ts";
import type { Datagrams } from "./datagram.ts";
import type { FileSystem } from "./file-system.ts";
import type { Hasher } from "./hasher.ts";
import type { HttpClient } from "./http.ts";
import type { Network } from "./network.ts";
import type { PieceHashing } from "./piece-hashing.ts";
import type { Random } from "./random.ts";
import type { Signatures } from "./signatures.ts";

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly datagrams: Datagrams;
  readonly http: HttpClient;
  readonly files: FileSystem;
  readonly hasher: Hasher;
  /** Where there are cores for it, and `files` are the system's. */
  readonly pieceHashing?: PieceHashing | undefined;
  readonly signatures: Signatures;
}
