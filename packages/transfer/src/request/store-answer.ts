import type { AnswerHead } from "../ports.js";
import type { Failure } from "../retry.js";

/** The store's refusal, for the retry rules. */
export function storeFailure(answer: AnswerHead & { readonly text: string }): Failure {
  return {
    kind: "store",
    status: answer.status,
    storeCode: storeErrorCode(answer.text),
    retryAfter: answer.headers["retry-after"] ?? null,
  };
}

/** For a person: the status, and the store's own code. */
export function storeText(answer: AnswerHead & { readonly text: string }): string {
  const code = storeErrorCode(answer.text);
  return code === null ? `status ${answer.status}` : `status ${answer.status}, ${code}`;
}

/** The `<Code>` of an object store's XML error; null where there is none. */
export function storeErrorCode(text: string): string | null {
  return /<Code>\s*([A-Za-z0-9.]{1,64})\s*<\/Code>/.exec(text)?.[1] ?? null;
}
