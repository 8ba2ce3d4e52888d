import type { AnswerHead, GetAnswer, GetRequest } from "@img/transfer";

// It imports nothing that a page has loaded: bundlers that split by modules would cut the page's script in two for it.

/** The most characters that are kept of an answer's text. An error's XML is short. */
const mostText = 64 * 1024;

/**
 * Fetches once; bytes go to the memory that it gives.
 *
 * @param networkError Makes the error of a connection that failed.
 */
export async function getOnce(request: GetRequest, networkError: () => Error): Promise<GetAnswer> {
  const { signal } = request;
  signal.throwIfAborted();
  const moved = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch {
      signal.throwIfAborted();
      throw networkError();
    }
  };
  const response = await moved(() => fetch(request.url, optionsOf(request)));
  const head = headOf(response);
  const reader = response.body?.getReader();
  const next = async (): Promise<Uint8Array | undefined> =>
    (await moved(async () => reader?.read()))?.value;
  try {
    const text = request.onHead(head) ? await filled(request, next) : await startOf(next);
    signal.throwIfAborted(); // WebKit ends an aborted body without an error
    return { ...head, text };
  } finally {
    // Ends the request if the body was not read to its end.
    await reader?.cancel().catch(() => undefined);
  }
}

const optionsOf = ({ headers, signal }: GetRequest): RequestInit => ({
  headers,
  signal,
  cache: "no-store",
  credentials: "omit",
  redirect: "manual",
  referrerPolicy: "no-referrer",
});

type Next = () => Promise<Uint8Array | undefined>;

/** Copies the body into the memory of the request. Returns the text of an answer that has none. */
async function filled(memory: GetRequest, next: Next): Promise<""> {
  let room: Uint8Array = new Uint8Array();
  for (let left = await next(); left !== undefined; left = await next()) {
    while (left.length > 0) {
      if (room.length === 0) room = await memory.into();
      const piece = left.subarray(0, room.length);
      room.set(piece);
      room = room.subarray(piece.length);
      left = left.subarray(piece.length);
      memory.onMoved(piece.length);
    }
  }
  return "";
}

/** The body as text, as far as it is kept. */
async function startOf(next: Next): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < mostText) {
    const bytes = await next();
    if (bytes === undefined) break;
    text += decoder.decode(bytes, { stream: true });
  }
  return text.slice(0, mostText);
}

/** Redirects are not followed. A browser shows them as an opaque answer; the caller gives up on the status 307. */
function headOf(response: Response): AnswerHead {
  const status = response.type === "opaqueredirect" ? 307 : response.status;
  return { status, headers: Object.fromEntries(response.headers) };
}
