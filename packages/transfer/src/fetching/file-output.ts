import { DiskError } from "../errors.js";
import type { Journal } from "../journal/journal.js";
import type { ResolvedDownloadOptions } from "../options.js";
import type { Loan } from "../run/buffers.js";
import { SavedDigests, usableDigest } from "../digest/saved-digest.js";
import { untilAborted } from "../promises/kept.js";
import { partsLeft, type Part, planParts } from "../plan.js";
import type { SavedDigest, Sink } from "../ports.js";
import type { Run } from "../run/run.js";
import type { ImageFacts } from "../service/image-url.js";
import type { FormerRun, KeptParts, Output, OutputParts } from "./fetch-image.js";
import { ReceiptGroup } from "./receipt-group.js";
import type { Download, Receipts } from "../journal/state.js";

/** What a download to a file needs. */
export interface FileDownload {
  readonly run: Run;
  readonly options: ResolvedDownloadOptions;
  readonly sink: Sink;
  readonly journal: Journal;
  readonly server: string;
  readonly image: { readonly id: string; readonly name: string };
}

/** Writes parts to their places in a part file, in any order, and their receipts to a journal. */
export class FileOutput implements Output {
  readonly phase = "moving";
  readonly #to: FileDownload;

  constructor(to: FileDownload) {
    this.#to = to;
  }

  async former(facts: ImageFacts): Promise<FormerRun | null> {
    const { run, sink, journal } = this.#to;
    const isThere = await sink.open();
    const { state } = journal;
    if (!isThere || state.at !== "downloading") return null;
    const { begin, receipts, sinkIdentity } = state;
    const pinned = this.#pinned(facts);
    if (!isEvery(pinned, (key) => pinned[key] === begin[key])) return null;
    return {
      partBytes: begin.partBytes,
      receipts,
      etag: begin.etag,
      isCertain: sinkIdentity === sink.identity,
      resume: () => keptParts(run, sink, journal, state),
    };
  }

  async begin(facts: ImageFacts, etag: string | null, partBytes: number): Promise<void> {
    const { run, options, sink, journal, image } = this.#to;
    const { sizeBytes } = facts;
    await sink.prepare({ sizeBytes, missingBytes: sizeBytes }, false);
    await journal.begin({
      type: "begin",
      kind: "download",
      ...this.#pinned(facts),
      etag,
      workspace: options.workspace,
      name: image.name,
      partBytes,
      to: sink.label,
      sinkIdentity: sink.identity,
      beganAtSec: Math.floor(run.clock.wallMs() / 1000),
    });
  }

  open(parts: readonly Part[], there: KeptParts, mostBuffers: number): OutputParts {
    return new FileParts(this.#to, parts, there, mostBuffers);
  }

  /** What must not change for a download to be resumed, beside the ETag. */
  #pinned({ sizeBytes, sha256 }: ImageFacts) {
    return { server: this.#to.server, imageId: this.#to.image.id, sizeBytes, sha256 };
  }
}

const isEvery = <T extends object>(of: T, holds: (key: keyof T) => boolean): boolean =>
  (Object.keys(of) as (keyof T)[]).every(holds);

class FileParts implements OutputParts {
  readonly isStored = true;
  readonly savedDigest: SavedDigest | null;
  readonly #to: FileDownload;
  readonly #mostBuffers: number;
  readonly #saved: SavedDigests;
  readonly #group: ReceiptGroup;
  #stillToCome: number;

  constructor(
    to: FileDownload,
    parts: readonly Part[],
    { receipts, savedDigest }: KeptParts,
    mostBuffers: number,
  ) {
    this.#to = to;
    this.#mostBuffers = mostBuffers;
    this.savedDigest = usableDigest(savedDigest, parts, receipts);
    this.#saved = new SavedDigests(parts, receipts);
    this.#group = new ReceiptGroup(to.run, to.sink, to.journal, this.#saved);
    this.#stillToCome = partsLeft(parts, receipts).length;
    if (this.#stillToCome === 0) this.#group.end();
  }

  /** As many parts may wait for the digest as there are buffers that no lane needs. */
  mayKeep(): number {
    const { lanes } = this.#to.run.pace;
    return Math.min(lanes, this.#mostBuffers - lanes);
  }

  onSaved(saved: SavedDigest): void {
    this.#saved.saved(saved);
  }

  onChanged({ number }: Part): never {
    throw new DiskError(`Part ${number} of ${this.#to.sink.label} is not what was written there.`);
  }

  async keep(
    { part, bytes }: Loan,
    hashing: Promise<number> | null,
    signal: AbortSignal,
  ): Promise<number> {
    const { sink, run } = this.#to;
    await sink.write(part.offset, bytes, signal);
    const crc32 = await (hashing === null
      ? run.platform.crc32(bytes)
      : untilAborted(hashing, signal));
    this.#group.add(part, crc32);
    if (--this.#stillToCome === 0) this.#group.end();
    return crc32;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#group.run(signal);
  }

  /** Writes the receipts of what has arrived. */
  failed(): Promise<void> {
    return this.#group.flush();
  }
}

/**
 * Returns the parts that a part file holds of the download in the journal; null if none. If it is another file than
 * the journal knows (copied, remounted, moved to another machine), each part that has a receipt is read, and must have
 * its CRC-32.
 */
async function keptParts(
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

/** Records that the journal is now about this part file, after a sync: a copy may not be durable yet. */
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
      await digest.close(); // the file is too short; a digest that has failed takes nothing more
      digest = run.platform.openDigest(null);
    }
    return kept;
  } finally {
    await digest.close();
  }
}
