import { randomBytes } from "node:crypto";
import type { S3Options } from "../s3/options.js";

/** The store that `npm run test:s3` names; undefined if tests run on folders. */
export const testEndpoint: string | undefined = process.env["IMG_TEST_S3_ENDPOINT"] || undefined;
export const testBucket: string = process.env["IMG_TEST_S3_BUCKET"] ?? "img-test";

/** Returns the prefix of a new store in the test's bucket. */
const freshPrefix = (): string => `test-${randomBytes(6).toString("hex")}`;

export const bucketOptions = (prefix: string = freshPrefix()): S3Options => ({
  bucket: testBucket,
  prefix,
  endpoint: testEndpoint,
});
