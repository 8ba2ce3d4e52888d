/** What an error has beside its first sentence. */
export interface TransferErrorOptions extends ErrorOptions {
  /** What the caller can do about it, as one or more sentences. */
  readonly advice?: string | undefined;
}

// A symbol that all copies share: two versions of this package may be installed, and errors about disk
// images come from a package that does not depend on this one.
const brand = Symbol.for("@img/transfer-error");

/**
 * The base of every error that a transfer throws for a reason that its caller can act on, errors about disk images
 * included. `code` is for programs and stays; the text is for people and may change. `cause` keeps the original.
 * No error holds a token or the query of a URL.
 *
 * `instanceof TransferError` is true for errors of every installed copy of this package.
 */
export abstract class TransferError extends Error {
  /** What went wrong, for a `switch`; it stays from version to version. */
  abstract readonly code: string;
  /** What happened and why. */
  readonly what: string;
  /** What to do about it; undefined if the error cannot tell. */
  readonly advice: string | undefined;

  /** `message` is `what`, then `advice`. */
  constructor(what: string, { advice, ...options }: TransferErrorOptions = {}) {
    super(advice ? `${what} ${advice}` : what, options);
    this.name = new.target.name;
    this.what = what;
    this.advice = advice || undefined;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether an error is of this class; for the base class, also one of another installed copy. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === TransferError
      ? isBranded(value)
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** Whether an error is a transfer's, of whichever copy of this package. */
export const isBranded = (value: unknown): boolean =>
  value instanceof Error && Reflect.get(value, brand) === true;
