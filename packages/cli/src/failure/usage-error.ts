/** The command was given wrongly. Nothing was done. */
export class UsageError extends Error {
  readonly code = "USAGE";
  readonly advice: string | undefined;
  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** Somebody answered a question with no. */
export class DeclinedError extends Error {
  readonly code = "DECLINED";
}
