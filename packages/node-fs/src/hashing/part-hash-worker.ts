import { createHash, type Hash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { messageOf } from "../files/message-of.js";

export interface PartHashRequest {
  /** Which of the parts that this thread hashes; the first request of each begins it. */
  readonly part: number;
  /** The next piece of it; null at its end. */
  readonly bytes: Uint8Array | null;
}

/** The MD5 is empty until the end of the part. */
export type PartHashReply = { readonly md5: string } | { readonly error: string };

/** OpenSSL takes less than 2 GiB at once. */
const sliceBytes = 1024 ** 3;

const hashes = new Map<number, Hash>();

/** OpenSSL may have been told to have no MD5 (FIPS). */
function reply({ part, bytes }: PartHashRequest): PartHashReply {
  try {
    const hash = hashes.get(part) ?? createHash("md5");
    hashes.set(part, hash);
    for (let at = 0; bytes !== null && at < bytes.length; at += sliceBytes) {
      hash.update(bytes.subarray(at, at + sliceBytes));
    }
    if (bytes !== null) return { md5: "" };
    hashes.delete(part);
    return { md5: hash.digest("hex") };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

parentPort?.on("message", (request: PartHashRequest) => parentPort?.postMessage(reply(request)));
parentPort?.postMessage("started");
