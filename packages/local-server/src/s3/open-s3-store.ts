import { randomBytes } from "node:crypto";
import { answerOf, openBucket } from "./bucket.js";
import type { Bucket } from "./bucket.js";
import { bucketObjects } from "./bucket-objects.js";
import type { EtagForm } from "./bucket-objects.js";
import { bucketList } from "./image-list.js";
import { MARK } from "./keys.js";
import type { S3Location } from "./location.js";
import { bucketNames } from "./names.js";
import type { Objects } from "./objects.js";
import { bucketRecords } from "./records.js";
import { S3Store } from "./s3-store.js";
import type { S3StoreSettings } from "./s3-store.js";
import { bucketSettling } from "./settle.js";
import { withoutConditions } from "./single-server.js";
import { bucketUploads } from "./uploads.js";

/** The bucket can't be used: it is not there, not ours, or nobody answers. The message says which. */
export class BucketUnusableError extends Error {
  override readonly name = "BucketUnusableError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "BUCKET_UNUSABLE";
}

/** The store doesn't keep to conditional writes, by which several servers agree. */
export class ConditionalWritesError extends Error {
  override readonly name = "ConditionalWritesError";
  /** For a `switch`; it stays from version to version. */
  readonly code = "CONDITIONAL_WRITES";

  constructor() {
    super(
      "The store ignores or refuses conditional writes (If-None-Match, If-Match), so that two servers could give one name to two images. Where this is the only server of the bucket, say so: --single-server, or the option singleServer.",
    );
  }
}

/**
 * Looks whether a bucket can be used, and for what crashes have left in it. `close()` it.
 *
 * @throws {BucketUnusableError | ConditionalWritesError}
 */
export async function openS3Store(
  location: S3Location,
  settings: S3StoreSettings,
): Promise<S3Store> {
  const bucket = await openBucket(location);
  try {
    const objects = await tryOut(bucket, location);
    const uploads = bucketUploads(bucket);
    const records = bucketRecords(objects);
    const names = bucketNames(objects, records);
    const list = bucketList(objects, records, names);
    const settling = bucketSettling(objects, uploads, records, names);
    const pieces = { objects, uploads, records, names, list, settling };
    return new S3Store(pieces, settings, () => bucket.close());
  } catch (error) {
    bucket.close();
    throw error;
  }
}

/** Tries everything that the store must be able to do, so that what it can't is said at the start. */
async function tryOut(bucket: Bucket, location: S3Location): Promise<Objects> {
  const objects = bucketObjects(bucket, "quoted");
  const key = `probe/${randomBytes(9).toString("base64url")}`;
  try {
    await objects.put(key, MARK);
    if (location.singleServer) return withoutConditions(objects);
    const form = await conditionForm(bucket, key);
    if (form === undefined) throw new ConditionalWritesError();
    return bucketObjects(bucket, form);
  } catch (error) {
    throw error instanceof ConditionalWritesError ? error : unusable(error, location);
  } finally {
    await objects.delete(key).catch(() => undefined);
  }
}

/** @returns Undefined where the store doesn't keep to conditions. */
async function conditionForm(bucket: Bucket, key: string): Promise<EtagForm | undefined> {
  for (const form of ["quoted", "bare"] as const) {
    const objects = bucketObjects(bucket, form);
    const etag = (await objects.get(key))?.etag ?? "";
    const other = `"${"0".repeat(32)}"`;
    const outcomes = await outcomesOf([
      () => objects.putIfAbsent(key, MARK),
      () => objects.putIfMatch(key, MARK, other),
      () => objects.putIfMatch(key, MARK, etag),
    ]);
    if (outcomes === "refused refused written") return form;
  }
  return undefined;
}

async function outcomesOf(
  writes: readonly (() => Promise<"written" | "refused">)[],
): Promise<string> {
  const outcomes: string[] = [];
  try {
    for (const write of writes) outcomes.push(await write());
  } catch (error) {
    // What stores say of a header that they don't know.
    if (answerOf(error)?.status !== 501) throw error;
  }
  return outcomes.join(" ");
}

function unusable(error: unknown, { bucket, endpoint }: S3Location): BucketUnusableError {
  const where = endpoint === undefined ? "AWS" : new URL(endpoint).host;
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new BucketUnusableError(`The bucket ${bucket} at ${where} can't be used. ${why}`, {
    cause: error,
  });
}
