import { randomBytes } from "node:crypto";
import { answerOf } from "./store-answer.js";
import type { Bucket } from "./bucket.js";
import { bucketObjects } from "./bucket-objects.js";
import type { EtagForm } from "./bucket-objects.js";
import { keys, MARK } from "./keys.js";
import type { S3Location } from "./location.js";
import type { SmallObjects } from "./small-objects.js";
import { withoutConditions } from "./single-server.js";
import {
  BucketUnusableError,
  ConditionalWritesError,
  needs,
  StoreUnfitError,
} from "./store-errors.js";
import { tryUploads } from "./try-uploads.js";

/**
 * Does everything once that the server will ask of the store, so that missing features are reported at the
 * start, and not after an upload.
 *
 * @returns The small objects, in the form that this store needs, and whether deleted objects stay as old
 * versions.
 * @throws {BucketUnusableError | ConditionalWritesError | StoreUnfitError}
 */
export async function tryOut(
  bucket: Bucket,
  location: S3Location,
): Promise<{ objects: SmallObjects; isVersioned: boolean }> {
  const objects = bucketObjects(bucket, "quoted");
  const prefix = keys.probe(randomBytes(9).toString("base64url"));
  const mark = `${prefix}mark`;
  try {
    // This fails if the bucket does not exist or belongs to another account.
    await objects.put(mark, MARK);
    const agreed = location.singleServer
      ? withoutConditions(objects)
      : bucketObjects(bucket, await conditionForm(bucket, mark));
    await tryList(objects, prefix, mark);
    await tryUploads(bucket, `${prefix}image`);
    const isVersioned = await hasVersions(bucket, mark);
    await tryDeletion(objects, mark);
    return { objects: agreed, isVersioned };
  } catch (error) {
    throw isTold(error) ? error : unusable(error, location);
  } finally {
    await objects.delete(mark).catch(() => undefined);
  }
}

const isTold = (error: unknown): boolean =>
  error instanceof ConditionalWritesError || error instanceof StoreUnfitError;

/** Finds out how the store wants conditions. @throws {ConditionalWritesError} The store ignores them. */
async function conditionForm(bucket: Bucket, key: string): Promise<EtagForm> {
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
  throw new ConditionalWritesError();
}

async function outcomesOf(
  writes: readonly (() => Promise<"written" | "refused">)[],
): Promise<string> {
  const outcomes: string[] = [];
  try {
    for (const write of writes) outcomes.push(await write());
  } catch (error) {
    // The answer of stores that do not know a header.
    if (answerOf(error)?.status !== 501) throw error;
  }
  return outcomes.join(" ");
}

async function tryList(objects: SmallObjects, prefix: string, mark: string): Promise<void> {
  const isListed = async () => {
    for await (const { key } of objects.list(prefix)) if (key === mark) return true;
    return false;
  };
  if (await needs("list objects (ListObjectsV2)", isListed)) return;
  throw new StoreUnfitError("list an object that was just written (ListObjectsV2)");
}

/**
 * Whether the bucket has versions. The object tells, so that no permission to read the bucket's settings is
 * needed.
 */
async function hasVersions({ sdk, client, name, keyOf }: Bucket, mark: string): Promise<boolean> {
  const head = new sdk.HeadObjectCommand({ Bucket: name, Key: keyOf(mark) });
  return ((await client.send(head)).VersionId ?? "null") !== "null";
}

async function tryDeletion(objects: SmallObjects, mark: string): Promise<void> {
  await needs("delete objects (DeleteObject)", () => objects.delete(mark));
  if ((await objects.get(mark)) === undefined) return;
  throw new StoreUnfitError("delete objects (DeleteObject): a deleted one is still there");
}

function unusable(error: unknown, { bucket, endpoint }: S3Location): BucketUnusableError {
  const where = endpoint === undefined ? "AWS" : new URL(endpoint).host;
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new BucketUnusableError(`The bucket ${bucket} at ${where} can't be used. ${why}`, {
    cause: error,
  });
}
