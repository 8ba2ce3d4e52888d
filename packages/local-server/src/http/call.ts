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

/** One request, of which only the head was read. */
export interface Call {
  readonly operation: Operation;
  /** The version; "v2" if it makes no difference: for the object store and the account. */
  readonly apiVersion: ApiVersion;
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /**
   * The image's id, checked. In preview it may be a name or a resource path, unchecked. "" if the path has
   * none.
   */
  readonly id: string;
  /** The part's number in a part URL; 0 elsewhere. */
  readonly partNumber: number;
  /** The scheme, host and port by which the client reaches the server. URLs in answers begin with it. */
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
