import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../server.js";
import type { S3Options } from "./options.js";
import { serve } from "../testing/real-server.js";
import { storeProxy } from "../testing/store-proxy.js";
import type { Fate, StoreRequest } from "../testing/store-proxy.js";
import { sweepAfter } from "../testing/sweep-after.js";
import { bucketOptions, testEndpoint } from "../testing/test-bucket.js";

const refused = { status: 501, code: "NotImplemented" } as const;
const isPart = ({ method, query }: StoreRequest) => method === "PUT" && query.has("partNumber");
const isSigned = ({ query }: StoreRequest) => query.has("X-Amz-Signature");
const isDownload = (request: StoreRequest) => request.method === "GET" && isSigned(request);

type FateOf = (request: StoreRequest) => Fate;

const when =
  (applies: (request: StoreRequest) => boolean, fate: Fate = refused): FateOf =>
  (request) =>
    applies(request) ? fate : "pass";

/** Matches requests with that method whose query has that name. */
const asked = (wanted: string, name: string): FateOf =>
  when(({ method, query }) => method === wanted && query.has(name));

/** Simulates Swift's S3 layer: a part that is sent after the join is accepted, and damages the object. */
function brokenByLateParts(): FateOf {
  const joined = new Set<string>();
  const broken = new Set<string>();
  return (request) => {
    const { method, path, query } = request;
    if (method === "POST" && query.has("uploadId")) joined.add(path);
    if (isPart(request) && joined.has(path)) {
      broken.add(path);
      return { status: 200, code: "" };
    }
    return method === "GET" && broken.has(path) ? { status: 409, code: "Conflict" } : "pass";
  };
}

test.each<[string, FateOf, string]>([
  ["lists no parts", asked("GET", "uploadId"), "ListParts"],
  ["begins no uploads", asked("POST", "uploads"), "CreateMultipartUpload"],
  ["joins no parts", asked("POST", "uploadId"), "CompleteMultipartUpload"],
  ["lists no uploads", asked("GET", "uploads"), "ListMultipartUploads"],
  ["aborts no uploads", asked("DELETE", "uploadId"), "AbortMultipartUpload"],
  ["lists no objects", asked("GET", "list-type"), "ListObjectsV2"],
  [
    "deletes nothing",
    when(({ method, query }) => method === "DELETE" && !query.has("uploadId")),
    "DeleteObject",
  ],
  ["takes no presigned part", when((one) => isPart(one) && isSigned(one)), "presigned PUT"],
  ["gives nothing by a presigned URL", when(isDownload), "presigned GET"],
  ["ignores ranges", when(isDownload, { without: "range" }), "Range"],
  ["lets a late part break an image", brokenByLateParts(), "after its upload was completed"],
])("a store that %s is refused at the start, which names that", async (_, fateOf, named) => {
  const { endpoint } = await storeProxy(fateOf);
  for (const singleServer of [false, true]) {
    const s3 = { ...bucketOptions(), endpoint, singleServer };
    await expect(startServer({ s3, port: 0 })).rejects.toMatchObject({
      code: "STORE_UNFIT",
      message: expect.stringContaining(named) as unknown,
    });
  }
});

test("a start leaves nothing of its trials in the bucket", async () => {
  const s3 = bucketOptions();
  const client = await serve({ s3 });
  await client.server.close();
  expect(await everythingIn(s3)).toEqual([]);
});

test("a bucket that keeps old versions gets a warning at the start, with the cost", async () => {
  const store = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  onTestFinished(() => store.destroy());
  const Bucket = `versions-${randomBytes(6).toString("hex")}`;
  await store.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await store.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const lines: string[] = [];
  // Ceph ignores conditions there.
  const s3 = { ...bucketOptions(), bucket: Bucket, singleServer: true };
  await serve({ s3, warn: (line) => lines.push(line) });
  expect(lines).toEqual([
    expect.stringMatching(/"warning":"The bucket keeps old versions: .* lifecycle rule/),
  ]);
});

test("the sweep removes what a killed start has left", async () => {
  const s3 = bucketOptions();
  const { endpoint } = await storeProxy(
    when(({ method, query }) => method === "POST" && query.has("uploadId"), "die-before"),
  );
  await expect(startServer({ s3: { ...s3, endpoint }, port: 0 })).rejects.toThrow();
  expect(await everythingIn(s3)).toHaveLength(2);
  expect(await sweepAfter(3_700_000, s3)).toEqual([]);
  expect(await everythingIn(s3)).toEqual([]);
});

async function everythingIn(s3: S3Options): Promise<unknown[]> {
  const store = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  onTestFinished(() => store.destroy());
  const at = { Bucket: s3.bucket, Prefix: s3.prefix! };
  const { Contents = [] } = await store.send(new ListObjectsV2Command(at));
  const { Uploads = [] } = await store.send(new ListMultipartUploadsCommand(at));
  return [...Contents, ...Uploads];
}
