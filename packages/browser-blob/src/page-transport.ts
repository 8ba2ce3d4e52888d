import { kept, loaded, type PartTransport, type PutAnswer, type PutRequest } from "@img/transfer";
import { networkError } from "./network-error.js";
import { putOnce } from "./xhr-put.js";

/**
 * Moves parts in a page: up by XMLHttpRequest, since `fetch` reports no progress of a body, and down by `fetch`,
 * which gives bytes as they arrive. The browser manages the connections.
 */
export const pageTransport: PartTransport = {
  async put(request: PutRequest): Promise<PutAnswer> {
    request.signal.throwIfAborted();
    return putOnce(request, await bodyOf(request));
  },
  get: async (request) => {
    // Loaded when it is needed: an upload hardly ever reads.
    const { getOnce } = await loaded(import("./fetch-get.js"));
    return getOnce(request, networkError);
  },
  close: async () => undefined,
};

/**
 * The browser sends a body as a whole, so under a rate limit it starts when all of it may be sent. It is a Blob: plain bytes are
 * copied more often, partly in one long task of the page. While developer tools or a debugger watch the network, plain
 * bytes are also copied into their log, which takes ten times as long as sending them.
 */
async function bodyOf(request: PutRequest): Promise<Blob> {
  const slices: Uint8Array<ArrayBuffer>[] = [];
  for (let left = request.lengthBytes; left > 0; left -= slices.at(-1)!.length) {
    const next = kept(request.next(left));
    slices.push((next instanceof Promise ? await next : next) as Uint8Array<ArrayBuffer>);
  }
  return new Blob(slices);
}
