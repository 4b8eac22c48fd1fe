/** What went wrong with an HTTP request, as one sentence for people and one code for programs. */
import { codeOf, messageOf, OperationalError } from "../base/errors.ts";
import { sanitise } from "../base/sanitise.ts";

/** @param host `host:port`. */
export function httpFailure(error: unknown, host: string): OperationalError {
  if (error instanceof OperationalError) return error;
  // Several addresses were tried and all failed: the first is the one the system preferred.
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const { code, message } = explain(codeOf(first) || codeOf(error), host, first);
  return new OperationalError(code, message, { cause: error });
}

function explain(code: string, host: string, error: unknown): { readonly code: string; readonly message: string } {
  switch (code) {
    case "ECONNREFUSED":
      return { code: "refused", message: `${host} refused the connection` };
    case "ENOTFOUND":
    case "ENODATA":
    case "EAI_NONAME":
    case "EAI_NODATA":
    case "EAI_ADDRFAMILY":
      return { code: "unresolved", message: `there is no host called ${nameOf(host)}` };
    case "EAI_AGAIN":
      return { code: "unresolved", message: `the name ${nameOf(host)} cannot be looked up now` };
    case "ETIMEDOUT":
      return { code: "timeout", message: `${host} did not answer` };
    case "ECONNRESET":
    case "EPIPE":
    case "ERR_STREAM_PREMATURE_CLOSE":
      return { code: "closed", message: `${host} closed the connection before it had answered` };
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "ENETDOWN":
      return { code: "unreachable", message: `${host} cannot be reached from here` };
    case "EADDRNOTAVAIL":
    case "EINVAL":
      return { code: "bad-local-address", message: `${host} cannot be reached from the address we are bound to` };
    case "HPE_HEADER_OVERFLOW":
      return { code: "too-large", message: `${host} sent too many headers` };
    default:
      break;
  }
  if (code.startsWith("HPE_")) return { code: "bad-answer", message: `${host} does not answer in HTTP` };
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code)) {
    return { code: "bad-certificate", message: `${host} has no valid certificate (${code})` };
  }
  return { code: "failed", message: `${host}: ${sanitise(messageOf(error), 120)}` };
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}
