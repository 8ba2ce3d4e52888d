/** HTTP status and S3 code of an error of the SDK; undefined for one that is no answer of the store. */
export function answerOf(error: unknown): { status: number; code: string } | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: number };
  return httpStatusCode === undefined ? undefined : { status: httpStatusCode, code: error.name };
}
