import { jsonLine } from "../http/failures.js";
import { openBucket } from "./bucket.js";
import { BucketList } from "./image-list.js";
import type { S3Location } from "./location.js";
import { BucketNames } from "./names.js";
import { bucketRecords } from "./records.js";
import { S3Store } from "./s3-store.js";
import type { S3StoreSettings } from "./s3-store.js";
import { BucketSettling } from "./settle.js";
import { tryOut } from "./try-out.js";
import { bucketUploads } from "./uploads.js";

const VERSIONED =
  "The bucket keeps old versions: the bytes of deleted images stay, and cost, until a lifecycle rule removes noncurrent versions.";

/**
 * Checks that a bucket can be used, and what crashes have left in it. `close()` it.
 *
 * @throws {BucketUnusableError | ConditionalWritesError | SdkMissingError | StoreUnfitError}
 */
export async function openS3Store(
  location: S3Location,
  settings: S3StoreSettings,
): Promise<S3Store> {
  const bucket = await openBucket(location);
  try {
    const { objects, isVersioned } = await tryOut(bucket, location);
    if (isVersioned) settings.warn?.(jsonLine({ warning: VERSIONED }));
    const uploads = bucketUploads(bucket);
    const records = bucketRecords(objects);
    const names = new BucketNames(objects, records);
    const list = new BucketList(objects, records, names);
    const storeClock = settings.storeClock ?? bucket.nowMs;
    const settling = new BucketSettling(objects, uploads, records, names, storeClock);
    const pieces = { objects, uploads, records, names, list, settling };
    return new S3Store(pieces, settings, bucket);
  } catch (error) {
    bucket.close();
    throw error;
  }
}
