import type { S3Client } from "@aws-sdk/client-s3";
import { originOf } from "./location.js";
import type { S3Location } from "./location.js";
import { loadSdk, type Sdk } from "./sdk.js";

/** A bucket and its clients. `close()` it. */
export interface Bucket {
  readonly sdk: Sdk["sdk"];
  readonly client: S3Client;
  readonly name: string;
  /** Returns the object's name in the bucket, with the store's prefix. */
  readonly keyOf: (key: string) => string;
  /** Signs URLs with the host by which clients reach the store; sends nothing. */
  readonly signing: S3Client;
  readonly getSignedUrl: Sdk["getSignedUrl"];
  /** The store's time in Unix milliseconds, by its last answer; before the first answer, this machine's. */
  readonly nowMs: () => number;
  /** The origin by which clients, and so pages, reach its objects. */
  readonly origin: string;
  readonly close: () => void;
}

/** A store that answers nothing for this long counts as dead. Joining a large image takes minutes. */
const SILENT_MS = 300_000;
const CONNECT_MS = 10_000;

/** Opens a bucket and loads the SDK. Sends nothing yet. */
export async function openBucket(location: S3Location): Promise<Bucket> {
  const { sdk, getSignedUrl } = await loadSdk();
  const region = location.region ?? (await profileRegion(sdk));
  const clientAt = (endpoint: string | undefined) =>
    new sdk.S3Client({
      region,
      ...(endpoint !== undefined && { endpoint }),
      forcePathStyle: location.pathStyle,
      // By default, each presigned part URL would contain the checksum of an empty body.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    });
  const client = clientAt(location.endpoint);
  const signing =
    location.publicEndpoint === undefined ? client : clientAt(location.publicEndpoint);
  return {
    sdk,
    client,
    name: location.bucket,
    keyOf: (key) => location.prefix + key,
    signing,
    getSignedUrl,
    nowMs: followClock(client),
    origin: originOf({ ...location, region }),
    close() {
      client.destroy();
      signing.destroy();
    },
  };
}

/** Returns the region that the SDK finds in the profile. Stores other than AWS accept any. */
async function profileRegion(sdk: Sdk["sdk"]): Promise<string> {
  const client = new sdk.S3Client({});
  try {
    return await client.config.region();
  } catch {
    return "us-east-1";
  } finally {
    client.destroy();
  }
}

/** Follows the `Date` of each answer. */
function followClock(client: S3Client): () => number {
  let aheadMs = Date.now() - performance.now();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> };
      const toldMs = Date.parse(headers?.["date"] ?? "");
      if (!Number.isNaN(toldMs)) aheadMs = toldMs - performance.now();
      return result;
    },
    { step: "deserialize", name: "followClock" },
  );
  return () => performance.now() + aheadMs;
}
