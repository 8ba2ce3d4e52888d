/** The command was given wrongly. Nothing was done. */
export class UsageError extends Error {
  readonly code = "USAGE";
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Somebody answered a question with no. */
export class DeclinedError extends Error {
  readonly code = "DECLINED";
}
