import { TransportError } from "../errors.js";
import type { Clock } from "../ports.js";
import type { ApiFault, GetFault, PutFault } from "./fake-service.js";
import { rangeOf, receive, refusedGet, refusedPut, sendAll } from "./fake-store.js";

/** The call never arrives. */
export const unreachable: ApiFault = () => Promise.reject(fetchFailed("ECONNREFUSED"));

/** The call takes effect, and its answer is lost. */
export const answerLost: ApiFault = (answer) => {
  answer();
  return Promise.reject(fetchFailed("ECONNRESET"));
};

/** The call takes effect, and its answer comes too late. */
export const answerTooLate: ApiFault = (answer) => {
  answer();
  return Promise.reject(new DOMException("too late", "TimeoutError"));
};

/** The call takes effect, and the answer is a proxy's. */
export const answerReplaced =
  (status: number): ApiFault =>
  (answer) => {
    answer();
    return new Response("<html>", { status });
  };

/** The call takes no effect, and is answered so. */
export const answered =
  (status: number, headers: Record<string, string> = {}): ApiFault =>
  () =>
    new Response("<html>", { status, headers });

function fetchFailed(code: string): Error {
  const cause = Object.assign(new Error(code), { code });
  return new TypeError("fetch failed", { cause });
}

/** The connection is reset after so many bytes of the body. */
export const resetAfter =
  (bytes: number): PutFault =>
  async (request) => {
    await sendAll(request, bytes);
    throw new TransportError("ECONNRESET", false);
  };

/** The body is taken in, the answer never comes. */
export const neverAnswered: PutFault = async (request) => {
  await sendAll(request);
  return aborted(request.signal);
};

/** The bytes stop in the middle, the connection stays. */
export const stalledAfter =
  (bytes: number): PutFault =>
  async (request) => {
    await sendAll(request, bytes);
    return aborted(request.signal);
  };

/** The store answers so, with all of the body sent. */
export const storeAnswers =
  (status: number, code: string, headers: Record<string, string> = {}): PutFault =>
  async (request) => {
    await sendAll(request);
    return refusedPut(status, code, headers);
  };

export const storeRefusesGet =
  (status: number, code: string, headers: Record<string, string> = {}): GetFault =>
  async (request) =>
    refusedGet(request, status, code, headers);

export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** The right answer. */
export const right: GetFault = (_, answer) => answer();

/** The connection ends after so many bytes of what was asked of the image. */
export const endsAfter =
  (bytes: Uint8Array, mostBytes: number): GetFault =>
  async (request) => {
    const [first, last] = rangeOf(request, bytes.length);
    const headers = { etag: '"whole"', "content-range": `bytes ${first}-${last}/${bytes.length}` };
    const head = { status: 206, headers };
    if (!request.onHead(head)) return { ...head, text: "" };
    await receive(request, bytes.subarray(first, Math.min(last + 1, first + mostBytes)));
    throw new TransportError("ECONNRESET", false);
  };

/** An answer with these headers and this body instead of the right ones. */
export const withHeaders =
  (status: number, headers: Record<string, string>, body: Uint8Array): GetFault =>
  async (request) => {
    const head = { status, headers };
    if (request.onHead(head)) await receive(request, body);
    return { ...head, text: "" };
  };

/** The same, a while later: what came before has been hashed, written and receipted by then. */
export const later =
  <Request extends { readonly signal: AbortSignal }, Rest extends unknown[], Answer>(
    clock: Clock,
    fault: (request: Request, ...rest: Rest) => Promise<Answer>,
  ) =>
  async (request: Request, ...rest: Rest): Promise<Answer> => {
    await clock.wait(2_000, request.signal);
    return fault(request, ...rest);
  };
