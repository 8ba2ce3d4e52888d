// A peer: the usual way with S3, a read stream through the AWS SDK's own multipart upload, 16 MiB x 4, which
// makes no digest of the whole file. Usage: node lib-storage.js ORIGIN FILE
import { createReadStream } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const [endpoint = "", file = ""] = process.argv.slice(2);
const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
const client = new S3Client({ region: "us-east-1", endpoint, forcePathStyle: true, credentials });
const params = { Bucket: "b", Key: "k", Body: createReadStream(file) };
await new Upload({ client, params, queueSize: 4, partSize: 16 * 1024 * 1024 }).done();
client.destroy();
