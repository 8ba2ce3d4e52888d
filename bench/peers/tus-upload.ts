// A peer: tus-js-client with its defaults. Usage: node tus-upload.js ENDPOINT FILE
import { createReadStream } from "node:fs";
import { Upload } from "tus-js-client";

const [endpoint = "", file = ""] = process.argv.slice(2);
await new Promise<void>((resolve, reject) => {
  new Upload(createReadStream(file), {
    endpoint,
    onError: reject,
    onSuccess: () => resolve(),
  }).start();
});
