import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { parentPort } from "node:worker_threads";

/** A piece of a part, or, without bytes, the end of the part. */
export interface Md5Question {
  readonly part: number;
  /** The piece, in shared memory. */
  readonly bytes?: Uint8Array;
}

/** The answer: 32 lower-case hex digits at the end of a part, "" before. */
export type Md5Reply = string;

const underWay = new Map<number, Hash>();

function reply({ part, bytes }: Md5Question): Md5Reply {
  const hash = underWay.get(part) ?? createHash("md5");
  if (bytes === undefined) {
    underWay.delete(part);
    return hash.digest("hex");
  }
  underWay.set(part, hash.update(bytes));
  return "";
}

parentPort?.on("message", (question: Md5Question) => parentPort?.postMessage(reply(question)));
