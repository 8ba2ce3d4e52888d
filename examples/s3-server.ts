// The Images API over a bucket of any S3-compatible store:
//   node examples/dist/s3-server.js BUCKET [PREFIX]
// Credentials, region and endpoint are the AWS SDK's: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
// AWS_ENDPOINT_URL_S3. The server keeps nothing: stop it, start it elsewhere, or start several.
import { startServer } from "@img/local-server";
import "./one-line.js"; // for the messages alone; leave it out

const [bucket = "images", prefix = ""] = process.argv.slice(2);

const server = await startServer({
  s3: { bucket, prefix, endpoint: process.env["AWS_ENDPOINT_URL_S3"] },
  port: Number(process.env["PORT"] ?? 8080),
  token: process.env["SFC_BEARER_AUTH"], // each server of a bucket has to know the same; without one: a random one
});
console.log(`export SFC_SERVER_URL=${server.url} SFC_BEARER_AUTH=${server.token}`);

process.once("SIGTERM", () => void server.close()); // waits for the requests that run
process.once("SIGINT", () => void server.close());
