/**
 * HTTP GETs on node:http and node:https, with every bound that `HttpRequest` asks for: one deadline for everything, a cap
 * on the headers, caps on the body before and after decompression, and a check of every address before it is dialled. The
 * check sits in the socket's own name lookup, so that a name cannot resolve differently between check and use (HOSTILE A9).
 *
 * No connection outlives its answer. The modules are loaded with the first request: they cost 30 ms at start.
 */
import type { LookupAddress, LookupOptions } from "node:dns";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { OperationalError } from "../base/errors.ts";
import { canonicalAddress, familyOf } from "../base/ip-address.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../ports/http.ts";
import { builtinDns, builtinHttp } from "./builtins.ts";
import { decodeBody } from "./http-content-encoding.ts";
import { httpFailure } from "./http-failure.ts";

/** HOSTILE C2: an answer of endless headers ends here. */
const headerLengthMax = 64 * 1024;

/** Thousands of torrents may announce at once; more sockets than this would only make all of them late. */
const concurrencyMax = 64;

/**
 * How long a silent address of a name holds up the next one. Node's own quarter of a second is less than the round trip of many a
 * line, and the address given up is the only one that works where we have but one family: the last would have failed at once.
 */
const nextAddressMs = 2_000;
/** An option that `http` hands on to `net`, and its types do not know. */
const dialOptions: object = { autoSelectFamilyAttemptTimeout: nextAddressMs };

const redirectsMaxDefault = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

export class NodeHttpClient implements HttpClient {
  readonly #inFlight = new Set<(reason: OperationalError) => void>();
  /** Requests that wait for others to end, first come first served; their deadlines begin when they do. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #isClosed = false;

  async get(request: HttpRequest): Promise<HttpResponse> {
    const url = parseUrl(request.url);
    if (this.#running < concurrencyMax) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (this.#isClosed) throw givenUp();
      return await this.#getFollowing(url, request);
    } finally {
      // A place is handed to the next in line, or given back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #getFollowing(firstUrl: URL, request: HttpRequest): Promise<HttpResponse> {
    let url = firstUrl;
    const deadline = new Deadline(request.timeoutMs, hostOf(url));
    const abort = (reason: OperationalError) => deadline.end(reason);
    this.#inFlight.add(abort);
    try {
      const redirectsMax = request.redirectsMax ?? redirectsMaxDefault;
      for (let redirects = 0; ; redirects++) {
        const answer = await getOnce(url, request, deadline);
        if (!("location" in answer)) return answer;
        if (redirects >= redirectsMax) {
          throw new OperationalError("redirects", `${hostOf(url)} redirects more than ${redirectsMax} times`);
        }
        url = parseUrl(answer.location, url);
      }
    } finally {
      deadline.clear();
      this.#inFlight.delete(abort);
    }
  }

  /** Ends every request that is under way, and every later one, with `closed`. */
  close(): void {
    this.#isClosed = true;
    for (const abort of [...this.#inFlight]) abort(givenUp());
  }
}

/** One end for everything a request does: whatever is under way is told, and whatever begins later fails at once. */
class Deadline {
  #reason: OperationalError | undefined;
  #onEnd: ((reason: OperationalError) => void) | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number, host: string) {
    this.#timer = setTimeout(() => {
      this.end(
        new OperationalError("timeout", `${host} did not answer in full within ${Math.ceil(timeoutMs / 1000)} s`),
      );
    }, timeoutMs);
  }

  end(reason: OperationalError): void {
    this.#reason ??= reason;
    this.#onEnd?.(this.#reason);
  }

  /** Only one thing is under way at a time. */
  watch(onEnd: ((reason: OperationalError) => void) | undefined): void {
    this.#onEnd = onEnd;
    if (this.#reason !== undefined) onEnd?.(this.#reason);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#onEnd = undefined;
  }
}

async function getOnce(
  url: URL,
  request: HttpRequest,
  deadline: Deadline,
): Promise<HttpResponse | { readonly location: string }> {
  const host = hostOf(url);
  const family = request.family ?? (request.localAddress === undefined ? undefined : familyOf(request.localAddress));
  const literal = canonicalAddress(url.hostname.replace(/^\[|\]$/g, ""));
  if (literal !== undefined) {
    if (family !== undefined && familyOf(literal) !== family) {
      throw new OperationalError("unresolved", `${host} has no IPv${family} address`);
    }
    if (request.isAddressAllowed?.(literal, host) === false) throw forbidden(host, literal);
  }
  const isSecure = url.protocol === "https:";
  const client = isSecure ? await import("node:https") : builtinHttp();
  const dns = builtinDns();

  const lookup = (name: string, options: LookupOptions, callback: LookupCallback): void => {
    dns.lookup(name, { all: true, family: family ?? 0 }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(
        ({ address }) => request.isAddressAllowed?.(canonicalAddress(address) ?? address, host) !== false,
      );
      const first = allowed[0];
      if (first === undefined) return callback(forbidden(host, addresses[0]?.address ?? "none"), []);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

  return new Promise((resolve, reject) => {
    let outgoing: ClientRequest | undefined;
    let isOver = false;
    const finish = (act: () => void) => {
      if (isOver) return;
      isOver = true;
      deadline.watch(undefined);
      act();
      // Node forgets the error listeners of a destroyed request; one stays so that a late error hurts nobody.
      outgoing?.destroy();
    };
    const fail = (error: unknown) => finish(() => reject(httpFailure(error, host)));
    deadline.watch(fail);
    if (isOver) return;
    try {
      outgoing = client.request(url, {
        method: "GET",
        agent: false,
        maxHeaderSize: headerLengthMax,
        // The types know only one shape of the callback; Node asks for the one that `options.all` says.
        lookup: lookup as never,
        ...dialOptions,
        headers: { ...request.headers, "Accept-Encoding": "gzip, deflate, br", Connection: "close" },
        ...(request.localAddress === undefined ? {} : { localAddress: request.localAddress }),
      });
    } catch (error) {
      return fail(error);
    }
    outgoing.on("error", fail);
    outgoing.on("upgrade", (_response, socket) => {
      socket.destroy();
      fail(new OperationalError("bad-answer", `${host} wants to speak another protocol`));
    });
    outgoing.on("response", (response) => {
      const location = redirectOf(response);
      if (location !== undefined) return finish(() => resolve({ location }));
      readBody(response, request.bodyLengthMax, host).then((answer) => finish(() => resolve(answer)), fail);
    });
    outgoing.end();
  });
}

function redirectOf(response: IncomingMessage): string | undefined {
  const location = response.headers.location;
  return redirectStatuses.has(response.statusCode ?? 0) && location !== undefined ? location : undefined;
}

async function readBody(response: IncomingMessage, lengthMax: number, host: string): Promise<HttpResponse> {
  const socket: Socket = response.socket;
  const remoteAddress = canonicalAddress(socket.remoteAddress ?? "") ?? "";
  const tooLarge = () => new OperationalError("too-large", `${host} sent more than ${lengthMax} bytes`);
  if (Number(response.headers["content-length"] ?? 0) > lengthMax) throw tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > lengthMax) throw tooLarge();
    parts.push(part);
  }
  const raw = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    raw.set(part, at);
    at += part.length;
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const body = await decodeBody(raw, headers["content-encoding"] ?? "", lengthMax, host);
  return { status: response.statusCode ?? 0, headers, body, remoteAddress };
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new OperationalError("bad-url", "the URL is not valid");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new OperationalError("bad-url", `only http and https URLs are fetched, not ${url.protocol.slice(0, -1)}`);
  }
  return url;
}

/** `host:port`, for people and for `isAddressAllowed`. */
function hostOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
}

function givenUp(): OperationalError {
  return new OperationalError("closed", "the request was given up");
}

function forbidden(host: string, address: string): OperationalError {
  return new OperationalError("forbidden-address", `${host} is at ${address}, which may not be contacted from here`);
}
