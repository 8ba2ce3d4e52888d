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
    signal.throwIfAborted(); // WebKit ends an aborted body without an error
    return { ...head, text: text.text };
  } catch (error) {
    if (error === enoughText) return { ...head, text: text.text };
    throw error;
  } finally {
    // Ends the request if the body was not read to its end.
    await reader?.cancel().catch(() => undefined);
  }
}

/** Redirects are not followed. A browser shows them as an opaque answer; the caller gives up on the status 307. */
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
