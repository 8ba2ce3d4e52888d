import { basename } from "node:path";
import type { DiskFormat, DiskRun } from "@img/disk-formats";
import { closing, TargetUnusableError } from "@img/transfer";
import { openDiskSource, type DiskSource } from "./files/disk-source.js";
import { sharedMemory } from "./hashing/digest.js";
import { openFileSink, type FileSink } from "./files/file-sink.js";
import { realFileSystem } from "@img/files";
import { checkFileTarget, partPathOf } from "./files/file-target.js";
import { journalBeside } from "./journals/journal-store.js";

/** Of {@link convertImage}. */
export interface ConvertImageOptions {
  /** The format of the file. @default "auto": detected by its content, never by its name */
  readonly format?: DiskFormat | "auto" | undefined;
  /** Whether a regular file at the target may be replaced. Links and folders never are. @default false */
  readonly overwrite?: boolean | undefined;
  /** Stops the conversion: it rejects with the signal's reason, and deletes what it wrote. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then, with how much of the disk is done. What it throws stops the conversion. */
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
}

/** The progress of a conversion. */
export interface ConvertProgress {
  /** How much of the raw disk is done. Zeros are done at once. */
  readonly doneBytes: number;
  /** Of the raw disk. */
  readonly sizeBytes: number;
}

/** The result of a conversion. */
export interface ConvertResult {
  /** The format of the file. */
  readonly format: DiskFormat;
  /** Of the raw disk, and of the file that was made. */
  readonly sizeBytes: number;
  /** How much of the disk the file has data for. */
  readonly dataBytes: number;
}

/**
 * Writes the raw disk that a disk image describes to a file. Zeros become holes. Until it is whole and on the
 * disk it is beside the target, as `PATH.img-part`.
 *
 * @param path The disk image, which must not change meanwhile.
 * @param target The file to be made; its folder must exist.
 * @throws {TargetExistsError} Something stands at the target that may not be replaced.
 * @throws {TransferLockedError} Another process writes to the target.
 * @throws {SourceChangedError} The disk image changed meanwhile.
 * @throws An error with a code that begins with `FORMAT_`: the image is damaged, or needs what is not read.
 * @throws {InvalidOptionError | SourceUnusableError | TargetUnusableError | NotEnoughSpaceError} Nothing was written.
 * @throws {DiskError} Reading or writing failed.
 * @throws The signal's reason.
 */
export async function convertImage(
  path: string,
  target: string,
  options: ConvertImageOptions = {},
): Promise<ConvertResult> {
  const { format, overwrite = false, signal = new AbortController().signal } = options;
  const source = await openDiskSource(path, { format, signal });
  return closing(source, async () => {
    await checkFileTarget(target, { overwrite }, realFileSystem);
    const lock = await lockTarget(target);
    return closing(lock, async () => {
      // For a disk image the amount of data is known; for a raw file only the largest possible amount.
      const sinkOptions = { overwrite, sparse: true, requireSpace: source.description !== null };
      const sink = await openFileSink(target, sinkOptions, realFileSystem);
      await closing(sink, () => write(source, sink, signal, options.onProgress));
      const { sizeBytes, description } = source;
      const { format: found = "raw", dataBytes = sizeBytes } = description ?? {};
      return { format: found, sizeBytes, dataBytes };
    });
  });
}

/** Downloads and conversions to one target take turns. @throws {TransferLockedError} Another process has it. */
async function lockTarget(target: string): Promise<{ close(): Promise<void> }> {
  const partPath = partPathOf(target);
  const key = { kind: "download", server: "", workspace: null, name: basename(target) } as const;
  const journal = await journalBeside(partPath).open(key, { force: false });
  try {
    if ((await journal.read()).length === 0) return journal;
    throw new TargetUnusableError(`${partPath} belongs to an unfinished download.`, {
      advice: "Finish it, delete it, or choose another path.",
    });
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** Writes the target. If this fails, its part file is deleted. */
async function write(
  source: DiskSource,
  sink: FileSink,
  signal: AbortSignal,
  onProgress: ConvertImageOptions["onProgress"],
): Promise<void> {
  try {
    await copy(source, sink, signal, onProgress);
    await sink.sync();
    await source.check();
    signal.throwIfAborted();
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

const pieceBytes = 8 * 1024 * 1024;

async function copy(
  source: DiskSource,
  sink: FileSink,
  signal: AbortSignal,
  onProgress: ConvertImageOptions["onProgress"],
): Promise<void> {
  const { sizeBytes } = source;
  const missingBytes = source.description?.dataBytes ?? sizeBytes;
  await sink.prepare({ sizeBytes, missingBytes }, false);
  const buffer = sharedMemory(pieceBytes);
  for await (const { offset, lengthBytes, isZero } of runsOf(source, signal)) {
    const end = offset + lengthBytes;
    for (let at = offset; at < end && !isZero; at += pieceBytes) {
      const piece = buffer.subarray(0, Math.min(pieceBytes, end - at));
      await source.read(at, piece, signal);
      await sink.write(at, piece, signal);
      onProgress?.({ doneBytes: at + piece.length, sizeBytes });
    }
    onProgress?.({ doneBytes: end, sizeBytes });
  }
}

async function* runsOf(
  { disk, sizeBytes }: DiskSource,
  signal: AbortSignal,
): AsyncGenerator<DiskRun> {
  if (disk !== null) yield* disk.runs(0, sizeBytes, signal);
  else if (sizeBytes > 0) yield { offset: 0, lengthBytes: sizeBytes, isZero: false };
}
