import { DiskError } from "../errors.js";
import type { Journal } from "../journal/journal.js";
import type { Receipts } from "../journal/state.js";
import { Buffers, type Loan } from "../pipeline/buffers.js";
import { DigestInOrder } from "../pipeline/digest-in-order.js";
import type { StoredImage } from "../pipeline/fetch-part.js";
import { fetchNext } from "../pipeline/fetch-parts.js";
import { moveAll, type Spawn } from "../pipeline/moving.js";
import { ReceiptGroup } from "../pipeline/receipt-group.js";
import { kept, untilAborted } from "../kept.js";
import { SavedDigests, usableDigest } from "../pipeline/saved-digest.js";
import { partsLeft, type Part } from "../plan.js";
import type { Digest, SavedDigest, Sink } from "../ports.js";
import { enterPhase, type Run } from "../run.js";

/** Everything that moving a download's parts needs. */
export interface DownloadParts {
  readonly run: Run;
  readonly sink: Sink;
  readonly journal: Journal;
  readonly image: StoredImage;
  /** False where the store ignores ranges. */
  readonly ranges: boolean;
  readonly parts: readonly Part[];
  readonly receipts: Receipts;
  /** The digest's state that the journal has of this very part file. */
  readonly savedDigest: SavedDigest | null;
}

/**
 * Fetches every part that has no receipt to its place, and makes the digest of all of them in the
 * same pass.
 *
 * @returns The SHA-256 of what stands in the part file.
 */
export async function downloadParts(download: DownloadParts): Promise<string> {
  const { run, sink, journal, parts, receipts } = download;
  run.meter.plan(parts, receipts);
  enterPhase(run, "moving");
  const buffers = new Buffers(
    (n) => run.platform.allocate(n),
    parts[0]!.lengthBytes,
    run.options.memoryBytes,
  );
  const saved = new SavedDigests(parts, receipts);
  const digest = run.platform.openDigest(usableDigest(download.savedDigest, parts, receipts));
  const group = new ReceiptGroup(run, sink, journal, saved);
  try {
    const inOrder = digestInOrder(download, digest, buffers, saved);
    const left = partsLeft(parts, receipts).length;
    return await moveAll(run, buffers, inOrder, (signal, spawn) => {
      const keep = keeper({ run, sink, group, digest: inOrder, left, signal, spawn });
      spawn(() => group.run(signal));
      return fetchNext({ ...download, done: receipts, buffers, keep, signal });
    });
  } catch (error) {
    await group.flush().catch(() => undefined); // what has arrived stays; the first error says more
    throw error;
  } finally {
    await digest.close();
  }
}

/** Hashes the parts in order; it knows already which of them stand in the part file. */
function digestInOrder(
  { run, sink, parts, receipts }: DownloadParts,
  digest: Digest,
  buffers: Buffers,
  saved: SavedDigests,
): DigestInOrder {
  // Every lane can still work while as many parts wait for the digest as there are buffers beside.
  const mayKeep = (): number => Math.min(run.pace.lanes, buffers.mostBuffers - run.pace.lanes);
  const onChanged = (part: Part): never => {
    throw new DiskError(`Part ${part.number} of ${sink.label} is not what was written there.`);
  };
  const inOrder = new DigestInOrder(digest, parts, onChanged, mayKeep, (state) =>
    saved.saved(state),
  );
  for (const part of parts) {
    const receipt = receipts.get(part.number);
    if (receipt !== undefined) inOrder.stored(part, receipt.crc32);
  }
  return inOrder;
}

interface Keeping {
  readonly run: Run;
  readonly sink: Sink;
  readonly group: ReceiptGroup;
  readonly digest: DigestInOrder;
  readonly left: number;
  readonly signal: AbortSignal;
  readonly spawn: Spawn;
}

/** Has a fetched part hashed and written while its lane goes on. The loan is given back afterwards. */
function keeper({ run, sink, group, digest, left, signal, spawn }: Keeping): (loan: Loan) => void {
  let stillToCome = left;
  if (stillToCome === 0) group.end();
  return (loan) => {
    const { part, bytes } = loan;
    if (!digest.prefersFile) digest.offer(loan);
    const hashing = kept(digest.crc32Of(part));
    spawn(async () => {
      try {
        await sink.write(part.offset, bytes, signal);
        const crc32 = await (hashing === null
          ? run.platform.crc32(bytes)
          : untilAborted(hashing, signal));
        digest.stored(part, crc32);
        group.add(part, crc32);
        if (--stillToCome === 0) group.end();
      } finally {
        digest.forget(part);
        loan.release();
      }
    });
  };
}
