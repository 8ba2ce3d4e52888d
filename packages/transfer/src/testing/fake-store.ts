import { BodyFilling } from "../ports/answer-body.js";
import type { AnswerHead, GetAnswer, GetRequest, PutAnswer, PutRequest } from "../ports.js";

/** Sends up to `mostBytes` of a part, slice by slice. Resolves to what has come. */
export async function sendAll(
  request: PutRequest,
  mostBytes: number = request.lengthBytes,
): Promise<Uint8Array> {
  const come = new Uint8Array(Math.min(mostBytes, request.lengthBytes));
  for (let at = 0; at < come.length;) {
    const slice = await request.next(come.length - at);
    request.signal.throwIfAborted();
    come.set(slice, at);
    request.onMoved(slice.length);
    at += slice.length;
  }
  return come;
}

export const refusedPut = (
  status: number,
  code: string,
  headers: AnswerHead["headers"] = {},
): PutAnswer => ({
  status,
  headers,
  sentAll: true,
  text: `<Error><Code>${code}</Code></Error>`,
});

/** The whole of a body, in pieces, for a store that has the image as `bytes`. */
export async function answerRange(
  request: GetRequest,
  bytes: Uint8Array | null,
): Promise<GetAnswer> {
  if (bytes === null) return refusedGet(request, 404, "NoSuchKey");
  const [first, last] = rangeOf(request, bytes.length);
  const headers = {
    etag: '"whole"',
    "content-range": `bytes ${first}-${last}/${bytes.length}`,
    "content-length": String(last - first + 1),
  };
  const head = { status: 206, headers };
  if (!request.onHead(head)) return { ...head, text: "" };
  await receive(request, bytes.subarray(first, last + 1));
  return { ...head, text: "" };
}

export function rangeOf(request: GetRequest, sizeBytes: number): [first: number, last: number] {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers["range"] ?? "");
  return match === null ? [0, sizeBytes - 1] : [Number(match[1]), Number(match[2])];
}

const pieceBytes = 1024 * 1024;

/** Hands bytes over in pieces, as a socket does: each is gone when the call is over. */
export async function receive(request: GetRequest, bytes: Uint8Array): Promise<void> {
  const filling = new BodyFilling(request);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const lent = new Lent(bytes.subarray(at, at + pieceBytes));
    const held = filling.take(lent);
    lent.fill(0xee);
    await held;
    request.signal.throwIfAborted();
  }
}

/** As Node's Buffer: what `slice` gives is the same memory. */
class Lent extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

export function refusedGet(
  request: GetRequest,
  status: number,
  code: string,
  headers: AnswerHead["headers"] = {},
): GetAnswer {
  request.onHead({ status, headers });
  return { status, headers, text: `<Error><Code>${code}</Code></Error>` };
}
