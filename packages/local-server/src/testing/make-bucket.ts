import { testBucket, testEndpoint } from "./test-bucket.js";

/** Vitest's global setup: makes the bucket if the store was started for the tests. */
export async function setup(): Promise<void> {
  if (testEndpoint === undefined) throw new Error("Run these tests with: npm run test:s3");
  if (process.env["IMG_TEST_S3_MAKE_BUCKET"] !== "1") return;
  const { CreateBucketCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ endpoint: testEndpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: testBucket }));
  client.destroy();
}
