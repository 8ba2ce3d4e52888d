import type { Dispatcher } from "undici";

/** Statuses whose answers have no body. */
const withoutBody = new Set([101, 103, 204, 205, 304]);

/** An answer as undici gives it, as `fetch` would give it: its body is read as it is asked for. */
export function responseOf({
  statusCode: status,
  headers,
  body,
}: Dispatcher.ResponseData): Response {
  const init = { status, headers: flat(headers) };
  if (!withoutBody.has(status)) return new Response(streamOf(body), init);
  body.on("error", () => undefined).resume();
  return new Response(null, init);
}

function flat(headers: Dispatcher.ResponseData["headers"]): [name: string, value: string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
}

function streamOf(body: Dispatcher.ResponseData["body"]): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array, undefined> = body.iterator();
  body.on("error", () => undefined); // its reader is told
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void body.destroy(),
    },
    { highWaterMark: 0 },
  );
}
