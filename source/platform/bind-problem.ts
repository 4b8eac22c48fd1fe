/** Why a socket could not be bound, for people. */
import { codeOf, messageOf } from "../base/errors.ts";
import { type Endpoint, formatEndpoint } from "../base/ip-address.ts";

export function bindProblem(local: Endpoint, error: Error): string {
  const code = codeOf(error);
  const where = local.address === "" ? `port ${local.port}` : formatEndpoint(local);
  if (code === "EADDRINUSE") return `${where} is in use by another program`;
  if (code === "EADDRNOTAVAIL") return `${local.address} is not an address of this machine`;
  if (code === "EACCES") return `no permission to listen on ${where}`;
  return `cannot listen on ${where}: ${messageOf(error)}`;
}
