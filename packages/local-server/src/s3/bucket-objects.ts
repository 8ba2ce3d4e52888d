import { answerOf } from "./store-answer.js";
import type { Bucket } from "./bucket.js";
import type { ListedKey, SmallObjects } from "./small-objects.js";

/** How a store wants the ETag in an `If-Match`: as it returned it, or (Ceph) without the quotes. */
export type EtagForm = "quoted" | "bare";

/** The small objects of a real bucket. */
export function bucketObjects(bucket: Bucket, form: EtagForm): SmallObjects {
  const { sdk, client, name: Bucket, keyOf } = bucket;
  const write = async (key: string, text: string, condition = {}) => {
    const settings = { Bucket, Key: keyOf(key), Body: text, ContentType: "application/json" };
    await client.send(new sdk.PutObjectCommand({ ...settings, ...condition }));
  };
  const writeIf = async (key: string, text: string, condition: object) => {
    try {
      await write(key, text, condition);
      return "written" as const;
    } catch (error) {
      if (isRefusal(error)) return "refused" as const;
      throw error;
    }
  };
  return {
    async get(key) {
      try {
        const found = await client.send(new sdk.GetObjectCommand({ Bucket, Key: keyOf(key) }));
        return { text: (await found.Body?.transformToString()) ?? "", etag: found.ETag ?? "" };
      } catch (error) {
        if (answerOf(error)?.code === "NoSuchKey") return undefined;
        throw error;
      }
    },
    put: (key, text) => write(key, text),
    putIfAbsent: (key, text) => writeIf(key, text, { IfNoneMatch: "*" }),
    putIfMatch: (key, text, etag) =>
      writeIf(key, text, { IfMatch: form === "bare" ? etag.replaceAll('"', "") : etag }),
    async delete(key) {
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: keyOf(key) }));
    },
    list: (prefix, after) => listed(bucket, prefix, after),
  };
}

/**
 * Whether a conditional write was refused. AWS answers 409 for two at once, and 404 for an `If-Match` on a
 * deleted object.
 */
function isRefusal(error: unknown): boolean {
  const answer = answerOf(error);
  if (answer === undefined) return false;
  const { status, code } = answer;
  return status === 412 || code === "ConditionalRequestConflict" || code === "NoSuchKey";
}

async function* listed(
  { sdk, client, name: Bucket, keyOf }: Bucket,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<ListedKey, void, undefined> {
  const start = keyOf("").length;
  let StartAfter = after === undefined ? undefined : keyOf(after);
  for (;;) {
    const page = await client.send(
      new sdk.ListObjectsV2Command({ Bucket, Prefix: keyOf(prefix), StartAfter }),
    );
    const keys = (page.Contents ?? []).map(({ Key = "", LastModified }) => ({
      key: Key.slice(start),
      modifiedMs: LastModified?.getTime() ?? 0,
    }));
    yield* keys;
    const last = keys.at(-1);
    if (page.IsTruncated !== true || last === undefined) return;
    StartAfter = keyOf(last.key);
  }
}
