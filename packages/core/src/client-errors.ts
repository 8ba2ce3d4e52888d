import { innermostMessage, type Redact } from "./redact.js";

/**
 * What never became an answer. `cause` is what the platform, a fetcher, a hook or `bearerAuth` threw, itself. Clients
 * hang requests with the token on what they throw, so `util.inspect` and loggers do not show it.
 */
export class HTTPClientError extends Error {
  /** The class's name. */
  override readonly name: string = "HTTPClientError";
  /** What went wrong, for a `switch`; it stays from version to version. */
  readonly code: string = "HTTP_CLIENT";

  /** @param options.redact Takes secrets out of the part of the message that the cause gives. */
  constructor(message: string, options: { cause?: unknown; redact?: Redact } = {}) {
    const { cause, redact = (text: string) => text } = options;
    super(cause === undefined ? message : `${message}: ${redact(innermostMessage(cause))}`);
    if (cause !== undefined) Object.defineProperty(this, "cause", { get: (): unknown => cause });
  }
}

/** Something threw that this package did not expect: a hook, a fetcher, the `bearerAuth` function. */
export class UnexpectedClientError extends HTTPClientError {
  override readonly name: string = "UnexpectedClientError";
  override readonly code: string = "CLIENT_UNEXPECTED";
}

/** An option from which no request can be made, such as `serverURL`. Nothing was sent. */
export class InvalidRequestError extends HTTPClientError {
  override readonly name: string = "InvalidRequestError";
  override readonly code: string = "REQUEST_INVALID";
}

/** The caller's signal ended the call. `cause` is the signal's reason, as it is. */
export class RequestAbortedError extends HTTPClientError {
  override readonly name: string = "RequestAbortedError";
  override readonly code: string = "REQUEST_ABORTED";
}

/** `timeoutMs` was over, or a signal of `AbortSignal.timeout`. The service may still have acted. */
export class RequestTimeoutError extends HTTPClientError {
  override readonly name: string = "RequestTimeoutError";
  override readonly code: string = "REQUEST_TIMEOUT";
}

/** The service could not be reached, or went away in the middle; it may still have acted. */
export class ConnectionError extends HTTPClientError {
  override readonly name: string = "ConnectionError";
  override readonly code: string = "CONNECTION_FAILED";
}
