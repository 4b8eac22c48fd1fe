/** The real world, on Node. */
import { availableParallelism } from "node:os";
import { NodeClock } from "../platform/node-clock.ts";
import { NodeDatagrams } from "../platform/node-datagrams.ts";
import { NodeFileSystem } from "../platform/node-file-system.ts";
import { NodeHasher } from "../platform/node-hasher.ts";
import { NodeHttpClient } from "../platform/node-http-client.ts";
import { NodeNetwork } from "../platform/node-network.ts";
import { NodeRandom } from "../platform/node-random.ts";
import { NodeSignatures } from "../platform/node-signatures.ts";
import { WorkerHashing } from "../platform/worker-hashing.ts";
import type { Ports } from "../ports/ports.ts";

export function nodePorts(): Ports & { readonly http: NodeHttpClient } {
  const coreCount = availableParallelism();
  return {
    clock: new NodeClock(),
    random: new NodeRandom(),
    network: new NodeNetwork(),
    datagrams: new NodeDatagrams(),
    http: new NodeHttpClient(),
    files: new NodeFileSystem(),
    hasher: new NodeHasher(),
    pieceHashing: coreCount > 1 ? new WorkerHashing(coreCount) : undefined,
    signatures: new NodeSignatures(),
  };
}
