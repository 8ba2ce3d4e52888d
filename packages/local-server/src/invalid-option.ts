/** An option is out of its range. The message names it and the range. */
export class InvalidOptionError extends Error {
  override readonly name = "InvalidOptionError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "INVALID_OPTION";
  /** The option's name. */
  readonly option: string;
  /** What it must be, as a part of a sentence. */
  readonly wanted: string;

  constructor(option: string, wanted: string) {
    super(`The option ${option} must be ${wanted}.`);
    this.option = option;
    this.wanted = wanted;
  }
}
