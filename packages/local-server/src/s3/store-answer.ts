/** Returns the HTTP status and the S3 code of an SDK error; undefined if it is not an answer of the store. */
export function answerOf(error: unknown): { status: number; code: string } | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: number };
  return httpStatusCode === undefined ? undefined : { status: httpStatusCode, code: error.name };
}
