/**
 * One class for each thing that a caller can act on. `code` is for programs and stays; the message is
 * a sentence for a person and may change. `cause` keeps the original. None holds a URL or a token.
 */
export abstract class TransferError extends Error {
  /** What went wrong, for a `switch`; it stays from version to version. */
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
