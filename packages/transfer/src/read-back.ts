import type { Api } from "./service/api.js";
import { ImageUrl, type ImageFacts } from "./service/image-url.js";
import { checkMemory } from "./options.js";
import { Buffers, type Loan } from "./pipeline/buffers.js";
import { DigestInOrder } from "./pipeline/digest-in-order.js";
import { fetchNext } from "./pipeline/fetch-parts.js";
import { moveAll, type Spawn } from "./pipeline/moving.js";
import { probeImage } from "./pipeline/probe.js";
import { untilAborted } from "./kept.js";
import { partBytesFor, planParts } from "./plan.js";
import { enterPhase, verifyingRun, type Run } from "./run.js";

export interface ReadBack {
  /** Of the bytes as they are stored, 64 lower-case hex digits. */
  readonly sha256: string;
  /** What the service says of them. */
  readonly facts: ImageFacts;
}

/**
 * The SHA-256 of an image as it is stored: the service checks none until a node boots. Every byte is
 * fetched once, by as many lanes as pay off, and none is kept.
 *
 * @param check Looks at what the service says, before a byte is fetched; may throw.
 */
export async function readBack(
  of: Run,
  api: Api,
  server: string,
  imageId: string,
  check: (facts: ImageFacts) => void = () => undefined,
): Promise<ReadBack> {
  const run = verifyingRun(of);
  const { signal, memoryBytes, wantedPartBytes } = run.options;
  const url = new ImageUrl(api, server, imageId);
  const facts = await url.facts(signal);
  check(facts);
  const { sizeBytes } = facts;
  const { etag, ranges } = await probeImage(run, url, sizeBytes, signal);
  const parts = planParts(sizeBytes, partBytesFor(sizeBytes, wantedPartBytes));
  checkMemory(memoryBytes, parts[0]!.lengthBytes, run.platform.mostPartBytes);
  const buffers = new Buffers((n) => run.platform.allocate(n), parts[0]!.lengthBytes, memoryBytes);
  const done = new Map<number, unknown>();
  run.meter.plan(parts, done);
  enterPhase(run, "verifying");
  const digest = run.platform.openDigest(null);
  try {
    const inOrder = new DigestInOrder(digest, parts, neverReread, () => Infinity);
    const sha256 = await moveAll(run, buffers, inOrder, (signal, spawn) => {
      const keep = hasher(run, inOrder, signal, spawn);
      const image = { url, sizeBytes, etag };
      return fetchNext({ run, image, ranges, parts, done, buffers, keep, signal });
    });
    return { sha256, facts };
  } finally {
    await digest.close();
  }
}

/**
 * Has a part hashed from memory when its turn comes. Buffers are lent in the parts' order, so the one
 * that the others wait for always has its own.
 */
function hasher(run: Run, digest: DigestInOrder, signal: AbortSignal, spawn: Spawn) {
  return (loan: Loan): void => {
    digest.offer(loan);
    spawn(async () => {
      try {
        await untilAborted(digest.crc32Of(loan.part)!, signal);
        run.meter.arrived(loan.part);
        run.patience.progressed();
      } finally {
        digest.forget(loan.part);
        loan.release();
      }
    });
  };
}

const neverReread = (): never => {
  throw new Error("bug: a part of an image that is only read was read again");
};
