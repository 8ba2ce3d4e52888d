import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.js";
import type { Exchange } from "./exchange.js";

/** The Images API's operations, and the two of the object store behind it: `part` and `download`. */
export type Operation = (typeof operations)[number];

export const operations = [
  "list",
  "create",
  "get",
  "delete",
  "partUrl",
  "complete",
  "downloadUrl",
  "revoke",
  "reinstate",
  "account",
  "part",
  "download",
] as const;

/** The Images API's two versions, which differ in their paths. */
export type ApiVersion = "v2" | "preview";

/** One request, read as far as its head. */
export interface Call {
  readonly operation: Operation;
  /** "v2" where it makes no difference: the object store, and the account. */
  readonly apiVersion: ApiVersion;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The image's id, checked; in preview it may be a name or a resource path, unchecked. "" where there is none. */
  readonly id: string;
  /** The part's number in a part URL; 0 elsewhere. */
  readonly partNumber: number;
  /** Scheme, host and port under which the client reaches us: URLs that we hand out start so. */
  readonly origin: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Answers a call, or throws an ApiError or ObjectError. */
export type Handler = (call: Call) => Promise<Answer>;

/**
 * Answers a call and turns errors into answers; undefined if the connection was already handled. Rejects if the
 * client is gone.
 */
export type ExchangeHandler = (call: Call, exchange: Exchange) => Promise<Answer | undefined>;
