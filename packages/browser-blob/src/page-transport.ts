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
    await waitForRate(request);
    return putOnce(request);
  },
  get: async (request) => {
    // Loaded when it is needed: an upload hardly ever reads.
    const { getOnce } = await loaded(import("./fetch-get.js"));
    return getOnce(request, networkError);
  },
  close: async () => undefined,
};

/** The browser sends a body as a whole, so under a rate limit it starts when all of it may be sent. */
async function waitForRate(request: PutRequest): Promise<void> {
  for (let left = request.bytes.length; left > 0;) {
    const granted = kept(request.sliceBytes(left));
    left -= typeof granted === "number" ? granted : await granted;
  }
}
