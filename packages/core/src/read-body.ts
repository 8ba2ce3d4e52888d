/** A body as text, and whether it was longer than that. */
export interface BodyText {
  readonly text: string;
  readonly cut: boolean;
}

/**
 * Reads a body to its end or to `maxBytes`, and lets go of the rest.
 *
 * @throws What the stream throws: the connection broke, or `signal` aborted.
 */
export async function readBody(
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
): Promise<BodyText> {
  const reader = response.body?.getReader();
  if (!reader) return { text: "", cut: false };
  // A fetcher of the caller's may not have tied the stream to the signal.
  const letGo = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", letGo, { once: true });
  if (signal.aborted) letGo();
  try {
    return await readUpTo(reader, maxBytes);
  } finally {
    signal.removeEventListener("abort", letGo);
    letGo();
  }
}

interface Reader {
  read(): Promise<{ value?: Uint8Array | undefined }>;
}

async function readUpTo(reader: Reader, maxBytes: number): Promise<BodyText> {
  const decoder = new TextDecoder();
  let text = "";
  let leftBytes = maxBytes;
  for (;;) {
    const { value } = await reader.read();
    if (!value) return { text: text + decoder.decode(), cut: false };
    text += decoder.decode(value.subarray(0, leftBytes), { stream: true });
    leftBytes -= value.byteLength;
    if (leftBytes < 0) return { text, cut: true };
  }
}
