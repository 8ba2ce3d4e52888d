import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { messageOf } from "../files/message-of.js";

export type PartHashReply = { readonly md5: string } | { readonly error: string };

/** OpenSSL takes less than 2 GiB at once. */
const sliceBytes = 1024 ** 3;

/** OpenSSL may have been told to have no MD5 (FIPS). */
function reply(bytes: Uint8Array): PartHashReply {
  try {
    const hash = createHash("md5");
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      hash.update(bytes.subarray(at, at + sliceBytes));
    }
    return { md5: hash.digest("hex") };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

parentPort?.on("message", (bytes: Uint8Array) => parentPort?.postMessage(reply(bytes)));
parentPort?.postMessage("started");
