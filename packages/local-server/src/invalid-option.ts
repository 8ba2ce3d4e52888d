/** An option is invalid. The message names it and its allowed values. */
export class InvalidOptionError extends Error {
  override readonly name = "InvalidOptionError";
  /** The code, for a `switch`; it never changes. */
  readonly code = "INVALID_OPTION";
  /** The option's name. */
  readonly option: string;
  /** What it must be, as part of a sentence. */
  readonly wanted: string;

  constructor(option: string, wanted: string) {
    super(`The option ${option} must be ${wanted}.`);
    this.option = option;
    this.wanted = wanted;
  }
}
