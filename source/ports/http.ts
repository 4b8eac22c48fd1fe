/** HTTP as the engine sees it: bounded GETs out, small answers in. */
import type { Endpoint } from "../base/ip-address.ts";

export interface HttpRequest {
  /** http: or https:. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly localAddress?: string;
  /** For everything together, redirects included: a server that drips is cut off. */
  readonly timeoutMs: number;
  /** Largest body, before and after decompression; more fails with `too-large`. */
  readonly bodyLengthMax: number;
  /** Default 5. */
  readonly redirectsMax?: number;
  /** Asked for every address dialled, redirects included; `false` fails with `forbidden-address`. */
  readonly isAddressAllowed?: (address: string, host: string) => boolean;
  /** Only addresses of this family are dialled. */
  readonly family?: 4 | 6;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The address that answered, after redirects. */
  readonly remoteAddress: string;
}

export interface HttpClient {
  /** Any status resolves. @throws OperationalError `timeout`, `too-large`, `redirects`, `unresolved`, `refused`, … */
  get(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpServerRequest {
  /** Path and query as sent. */
  readonly target: string;
  readonly remote: Endpoint;
}

export interface HttpServerResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface HttpServer {
  /** Serves GET until closed. @throws OperationalError `listen-failed`. */
  listen(
    local: Endpoint,
    handle: (request: HttpServerRequest) => HttpServerResponse,
  ): Promise<{ readonly local: Endpoint; close(): Promise<void> }>;
}
