import type { Api } from "./api.js";
import { ImageUrl } from "./image-url.js";
import { Buffers } from "./pipeline/buffers.js";
import { fetchPart } from "./pipeline/fetch-part.js";
import { LaneMeter } from "./pipeline/meter.js";
import { probeImage } from "./pipeline/probe.js";
import { partBytesFor, planParts } from "./plan.js";
import type { Run } from "./run.js";

/**
 * The SHA-256 of an image as it is stored: the service checks none until a node boots. Every byte is
 * fetched once and none is kept.
 */
export async function readBack(
  run: Run,
  api: Api,
  server: string,
  imageId: string,
): Promise<string> {
  const { signal, memoryBytes, wantedPartBytes } = run.options;
  const url = new ImageUrl(api, server, imageId);
  const { sizeBytes } = await url.facts(signal);
  const { etag } = await probeImage(run, url, sizeBytes, signal);
  const parts = planParts(sizeBytes, partBytesFor(sizeBytes, wantedPartBytes));
  const buffers = new Buffers((n) => run.platform.allocate(n), parts[0]!.lengthBytes, memoryBytes);
  const lane = { transport: run.platform.openTransport(), meter: new LaneMeter() };
  const digest = run.platform.openDigest();
  let fed: Promise<unknown> = Promise.resolve();
  try {
    for (const part of parts) {
      const loan = await buffers.lend(part, signal);
      await fetchPart(run, { url, sizeBytes, etag }, lane, loan, signal);
      await fed; // one part is fetched while the one before is hashed
      fed = digest.update(loan.bytes).finally(() => loan.release());
      fed.catch(() => undefined); // it may fail while the next part is fetched; it is awaited after that
    }
    await fed;
    return await digest.finish();
  } finally {
    await Promise.allSettled([lane.transport.close(), digest.close(), fed]);
  }
}
