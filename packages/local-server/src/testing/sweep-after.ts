import { openS3Store } from "../s3/open-s3-store.js";
import { resolveS3 } from "../s3/options.js";
import type { S3Options } from "../s3/options.js";

/** Sweeps like a server while the store's clock is `laterMs` ahead. @returns The ids of the images that failed. */
export async function sweepAfter(laterMs: number, s3: S3Options): Promise<string[]> {
  const store = await openS3Store(resolveS3(s3), {
    urlTtlSec: 60,
    unfinishedTtlDays: 7,
    deletedTtlDays: 7,
    clock: Date.now,
    storeClock: () => Date.now() + laterMs,
  });
  const failed: string[] = [];
  await store.sweep((id) => failed.push(id));
  await store.close();
  return failed;
}
