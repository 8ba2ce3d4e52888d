/** The command line is wrong. Nothing was done. */
export class UsageError extends Error {
  readonly code = "USAGE";
  readonly advice: string | undefined;
  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}

/** The user answered no to a question. */
export class DeclinedError extends Error {
  readonly code = "DECLINED";
}
