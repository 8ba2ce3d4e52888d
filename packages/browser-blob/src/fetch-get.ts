import {
  AnswerText,
  BodyFilling,
  enoughText,
  type AnswerHead,
  type GetAnswer,
  type GetRequest,
} from "@img/transfer";
import { networkError } from "./network-error.js";

/** Fetches once; bytes go to the memory that it gives. */
export async function getOnce(request: GetRequest): Promise<GetAnswer> {
  const { signal } = request;
  signal.throwIfAborted();
  const response = await moved(signal, () =>
    fetch(request.url, {
      headers: request.headers,
      signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "manual",
      referrerPolicy: "no-referrer",
    }),
  );
  const head = headOf(response);
  const reader = response.body?.getReader();
  const text = new AnswerText();
  try {
    const filling = new BodyFilling(request.onHead(head) ? request : text);
    for (;;) {
      const read = await moved(signal, async () => reader?.read());
      if (read === undefined || read.done) break;
      await filling.take(read.value);
    }
    signal.throwIfAborted(); // WebKit ends a body so when it is aborted
    return { ...head, text: text.text };
  } catch (error) {
    if (error === enoughText) return { ...head, text: text.text };
    throw error;
  } finally {
    // After its end this does nothing; before, it ends the request.
    await reader?.cancel().catch(() => undefined);
  }
}

/** A redirect is not followed, and looks like this: the caller, which judges the answer, gives up. */
function headOf(response: Response): AnswerHead {
  const status = response.type === "opaqueredirect" ? 307 : response.status;
  return { status, headers: Object.fromEntries(response.headers) };
}

async function moved<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    signal.throwIfAborted();
    throw networkError();
  }
}
