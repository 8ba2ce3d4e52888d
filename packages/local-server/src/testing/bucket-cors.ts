import { testBucket, testEndpoint } from "./test-bucket.js";

/** Sets the CORS rule that docs/self-hosting.md asks for. */
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
