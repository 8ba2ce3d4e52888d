import { testBucket, testEndpoint } from "./test-bucket.js";

/** As docs/self-hosting.md says that a bucket must allow it. */
export async function allowOrigin(origin: string): Promise<void> {
  const { PutBucketCorsCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ endpoint: testEndpoint!, forcePathStyle: true });
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: ["GET", "PUT", "HEAD"],
    AllowedHeaders: ["*"],
    ExposeHeaders: ["ETag", "Content-Range", "Date", "Retry-After"],
  };
  await client.send(
    new PutBucketCorsCommand({ Bucket: testBucket, CORSConfiguration: { CORSRules: [rule] } }),
  );
  client.destroy();
}
