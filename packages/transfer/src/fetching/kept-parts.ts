import type { Journal } from "../journal/journal.js";
import type { Download, Receipts } from "../journal/state.js";
import { partsLeft, planParts, type Part } from "../plan.js";
import type { Sink } from "../ports.js";
import type { Run } from "../run/run.js";
import type { KeptParts } from "./fetch-image.js";

/**
 * What a part file holds of the download in the journal. If it is another one than the journal knows (copied,
 * remounted, moved to another machine), each part that has a receipt is read, and must have its CRC-32.
 *
 * @returns Null if nothing.
 */
export async function keptParts(
  run: Run,
  sink: Sink,
  journal: Journal,
  state: Download,
): Promise<KeptParts | null> {
  const { sizeBytes, partBytes } = state.begin;
  const parts = planParts(sizeBytes, partBytes);
  const isSame = state.sinkIdentity === sink.identity;
  const receipts = isSame ? state.receipts : await receiptsThatHold(run, parts, state.receipts);
  if (!isSame && receipts.size === 0) return null;
  const missingBytes = partsLeft(parts, receipts).reduce((sum, part) => sum + part.lengthBytes, 0);
  await sink.prepare({ sizeBytes, missingBytes }, true);
  if (!isSame) await noteOtherFile(sink, journal, state, receipts);
  const isWhole = receipts.size === state.receipts.size;
  return { partBytes, receipts, savedDigest: isWhole ? state.digest : null };
}

/** From here on the journal is of this part file. What it holds may not be durable yet. */
async function noteOtherFile(
  sink: Sink,
  journal: Journal,
  { begin, receipts }: Download,
  kept: Receipts,
): Promise<void> {
  await sink.sync();
  const { identity, label: to } = sink;
  if (kept.size === receipts.size) return journal.append({ type: "sink", identity, to });
  await journal.begin({ ...begin, sinkIdentity: identity, to });
  await journal.append(
    ...[...kept.values()].map((receipt) => ({ type: "receipt", ...receipt }) as const),
  );
}

async function receiptsThatHold(
  run: Run,
  parts: readonly Part[],
  receipts: Receipts,
): Promise<Receipts> {
  const kept = new Map(receipts);
  let digest = run.platform.openDigest(null);
  try {
    for (const { number, offset, lengthBytes } of parts) {
      const receipt = receipts.get(number);
      if (receipt === undefined) continue;
      run.options.signal.throwIfAborted();
      const crc32 = await digest.updateFromFile(offset, lengthBytes).catch(() => null);
      if (crc32 !== receipt.crc32) kept.delete(number);
      if (crc32 !== null) continue;
      await digest.close(); // the file ends before; after a failure a digest takes nothing more
      digest = run.platform.openDigest(null);
    }
    return kept;
  } finally {
    await digest.close();
  }
}
