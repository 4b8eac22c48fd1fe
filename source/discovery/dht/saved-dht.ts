/** What a node knows again after a restart (BEP 5: the table should be saved): its id, and nodes. As plain JSON. */

import { bytesToHex, hexToBytes } from "../../base/hex.ts";
import { canonicalAddress } from "../../base/ip-address.ts";
import { fieldsOf, listOf, naturalOf, textOf } from "../../base/json-fields.ts";
import type { Contact } from "./contact.ts";
import type { DhtNode } from "./dht-node.ts";
import { type NodeId, nodeIdFrom } from "./node-id.ts";

/** Of one family. A table seldom has more. */
const nodesMax = 300;

export interface SavedNode {
  /** `undefined`: it is to take one of its own. */
  readonly id: NodeId | undefined;
  readonly nodes: readonly Contact[];
}

/** By family. */
export type SavedDht = { readonly [Family in 4 | 6]?: SavedNode | undefined };

export function savedNode(node: DhtNode): SavedNode {
  const now = node.ports.clock.nowMs();
  const { bad } = node.table.counts(now);
  const contacts = node.table.contacts();
  // Those that answer no more are the last.
  return { id: node.id, nodes: contacts.slice(0, Math.min(nodesMax, Math.max(contacts.length - bad, 20))) };
}

/** The same nodes for another who runs beside: two nodes are never to have one id. */
export function withoutIds(saved: SavedDht): SavedDht {
  const nodesOf = (node: SavedNode | undefined) => node && { id: undefined, nodes: node.nodes };
  return { 4: nodesOf(saved[4]), 6: nodesOf(saved[6]) };
}

export function savedDhtToJson(saved: SavedDht): unknown {
  const written = (node: SavedNode | undefined) =>
    node === undefined
      ? undefined
      : {
          id: node.id === undefined ? undefined : bytesToHex(node.id),
          nodes: node.nodes.map(({ id, endpoint }) => [bytesToHex(id), endpoint.address, endpoint.port]),
        };
  return { ipv4: written(saved[4]), ipv6: written(saved[6]) };
}

/** @throws TypeError where it is not what was written. */
export function savedDhtFromJson(value: unknown): SavedDht {
  const { ipv4, ipv6 } = fieldsOf<{ ipv4: unknown; ipv6: unknown }>(value);
  const read = (node: unknown): SavedNode | undefined => {
    if (node === undefined) return undefined;
    const { id, nodes } = fieldsOf<SavedNode>(node);
    return { id: id === undefined ? undefined : idOf(id), nodes: listOf(nodes).slice(0, nodesMax).map(contactOf) };
  };
  return { 4: read(ipv4), 6: read(ipv6) };
}

function contactOf(value: unknown): Contact {
  const [id, text, port] = listOf(value);
  const address = canonicalAddress(textOf(text));
  const number = naturalOf(port);
  if (address === undefined || number < 1 || number > 65_535) throw new TypeError("no endpoint");
  return { id: idOf(id), endpoint: { address, port: number } };
}

function idOf(value: unknown): NodeId {
  const hex = textOf(value);
  const id = /^[0-9a-f]{40}$/.test(hex) ? nodeIdFrom(hexToBytes(hex)) : undefined;
  if (id === undefined) throw new TypeError("no id");
  return id;
}
