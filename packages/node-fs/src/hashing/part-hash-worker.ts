import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";

export type PartHashReply = { readonly md5: string } | { readonly error: string };

/** OpenSSL may have been told to have no MD5 (FIPS). */
function reply(bytes: Uint8Array): PartHashReply {
  try {
    return { md5: createHash("md5").update(bytes).digest("hex") };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (bytes: Uint8Array) => parentPort?.postMessage(reply(bytes)));
parentPort?.postMessage("started");
