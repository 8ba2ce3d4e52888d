import { TransportError } from "@img/transfer";

/** Why a connection cannot be used, or its answer not be taken. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** What the retry rules go by: Node's or undici's code for it, or what happened, in words. */
  readonly code: string;

  constructor(code: string, message: string = code) {
    super(message);
    this.code = code;
  }
}

/** Codes of a connection that ended without an answer. */
const gone = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/**
 * The error of a request that failed. It has no cause: undici's errors can hold the request, and so its URL.
 *
 * @param onReusedSocket Whether the socket had carried other requests, and little of this one.
 * @param through The proxy's origin; null for none.
 */
export function transportError(
  error: unknown,
  onReusedSocket: boolean,
  through: string | null,
): TransportError {
  const reason = reasonOf(error);
  return new TransportError(reason, gone.has(reason) && onReusedSocket, through);
}

function reasonOf(error: unknown): string {
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  // undici's message for an answer while none is awaited, and for a 100 that was not asked for.
  if (code === "UND_ERR_SOCKET" && message === "bad response")
    return "an answer that was not asked for";
  if (name === "HTTPParserError") return "an answer that is not HTTP";
  if (typeof code === "string") return code;
  return typeof name === "string" ? name : "unknown";
}
