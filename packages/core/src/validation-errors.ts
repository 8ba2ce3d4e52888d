import { Mismatch } from "./decode.js";
import { SfcError, type HttpMeta } from "./http-errors.js";

/** Input that the contract rules out, found before anything was sent. Correct the call. */
export class SDKValidationError extends Error {
  /** The class's name. */
  override readonly name: string = "SDKValidationError";
  /** For a `switch`; it stays from version to version. */
  readonly code: string = "INPUT_INVALID";
  /** What was being done. */
  readonly rawMessage: unknown;
  readonly #rawValue: unknown;

  constructor(message: string, cause: unknown, rawValue: unknown) {
    super(`${message}: ${reason(cause)}`, { cause });
    this.rawMessage = message;
    this.#rawValue = rawValue;
  }

  /** The input as it was given. */
  get rawValue(): unknown {
    return this.#rawValue;
  }

  /** The message over several lines, for a person. */
  pretty(): string {
    return pretty(this.rawMessage, this.cause) ?? this.toString();
  }
}

/** An answer that is not the contract's: the service and this version don't fit, or a proxy spoke. */
export class ResponseValidationError extends SfcError {
  override readonly name: string = "ResponseValidationError";
  override readonly code: string = "RESPONSE_INVALID";
  /** What was being done. */
  readonly rawMessage: unknown;
  readonly #rawValue: unknown;

  constructor(
    message: string,
    extra: HttpMeta & { cause: unknown; rawValue: unknown; rawMessage: unknown },
  ) {
    super(message, extra);
    this.cause = extra.cause;
    this.rawMessage = extra.rawMessage;
    this.#rawValue = extra.rawValue;
  }

  /** The answer's JSON, or its text where it is none, without tokens and the queries of URLs. */
  get rawValue(): unknown {
    return this.#rawValue;
  }

  /** The message over several lines, for a person. */
  pretty(): string {
    return pretty(this.rawMessage, this.cause) ?? this.toString();
  }
}

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

function pretty(message: unknown, cause: unknown): string | undefined {
  if (!(cause instanceof Mismatch)) return undefined;
  const problem = cause.message.slice(cause.message.indexOf(": ") + 2);
  return `${String(message)}\n✖ ${problem}\n  → at ${cause.path || "the value"}`;
}
