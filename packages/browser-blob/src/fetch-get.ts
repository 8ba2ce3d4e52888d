import type { AnswerHead, GetAnswer, GetRequest } from "@img/transfer";
import { networkError } from "./network-error.js";

/** Of an answer that is kept as text: an error's XML is short. */
const mostText = 64 * 1024;

/** Fetches once; bytes are handed on as they come. */
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
  try {
    const wanted = request.onHead(head);
    const text = new TextKeeper();
    for (;;) {
      const read = await moved(signal, async () => reader?.read());
      if (read === undefined || read.done) {
        signal.throwIfAborted(); // WebKit ends a body so when it is aborted
        return { ...head, text: text.text };
      }
      if (wanted) await request.onBytes(read.value);
      else text.add(read.value);
      if (text.isFull) return { ...head, text: text.text };
    }
  } finally {
    // After its end this does nothing; before, it ends the request.
    await reader?.cancel().catch(() => undefined);
  }
}

/** A redirect is not followed, and looks like this: whoever judges the answer gives up. */
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

/** Keeps an answer's body as text, as far as it goes. */
class TextKeeper {
  #kept = new Uint8Array();

  /** What comes after is not waited for: it may never end. */
  get isFull(): boolean {
    return this.#kept.length === mostText;
  }

  add(bytes: Uint8Array): void {
    const piece = bytes.subarray(0, mostText - this.#kept.length);
    const joined = new Uint8Array(this.#kept.length + piece.length);
    joined.set(this.#kept);
    joined.set(piece, this.#kept.length);
    this.#kept = joined;
  }

  get text(): string {
    return new TextDecoder().decode(this.#kept);
  }
}
