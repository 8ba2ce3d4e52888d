import { untilAborted } from "../promises/kept.js";
import type { AnySource, Digest, SequentialSource, Source } from "../ports.js";
import { ImageSizeError } from "../errors.js";
import { limits, MiB, partBytesFor, planParts, type Part } from "../plan.js";
import type { Run } from "../run/run.js";

/** What a source was found to have when all of it was read. */
export interface SourceDigest {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * The SHA-256 of a whole source, read in order and not sent. If it changes meanwhile, it is of what was read.
 *
 * @param onDigested Called with each part that was read, in order.
 */
export async function digestOfSource(
  run: Run,
  source: AnySource,
  onDigested: (part: Part) => void = () => undefined,
): Promise<SourceDigest> {
  if (source.sizeBytes === null) return digestOfReading(run, source, onDigested);
  const sha256 = await digestAtOffsets(run, source, onDigested);
  return { sha256, sizeBytes: source.sizeBytes };
}

const pieceBytes = 4 * MiB;

async function digestOfReading(
  { platform, options: { signal } }: Run,
  source: SequentialSource,
  onDigested: (part: Part) => void,
): Promise<SourceDigest> {
  const digest = platform.openDigest(null);
  const reading = await source.open(signal);
  const buffer = platform.allocate(pieceBytes);
  let offset = 0;
  try {
    for (let number = 1; ; number++) {
      const lengthBytes = await reading.read(buffer, signal);
      if (lengthBytes > 0) {
        await untilAborted(digest.update(buffer.subarray(0, lengthBytes)), signal);
        onDigested({ number, offset, lengthBytes });
      }
      offset += lengthBytes;
      if (offset > limits.maxImageBytes) throw new ImageSizeError(offset);
      if (lengthBytes < buffer.length) break;
    }
    return { sha256: await untilAborted(digest.finish(), signal), sizeBytes: offset };
  } finally {
    await Promise.all([reading.close(), digest.close()]);
  }
}

async function digestAtOffsets(
  run: Run,
  source: Source,
  onDigested: (part: Part) => void,
): Promise<string> {
  const parts = planParts(
    source.sizeBytes,
    partBytesFor(source.sizeBytes, run.options.wantedPartBytes),
  );
  const { signal } = run.options;
  const digest = digestReading(source, run.platform.openDigest(null));
  try {
    for (const part of parts) {
      await untilAborted(digest.updateFromFile(part.offset, part.lengthBytes), signal);
      onDigested(part);
    }
    return await untilAborted(digest.finish(), signal);
  } finally {
    await digest.close();
  }
}

/**
 * The digest of a source: where it cannot read the file, the source is asked first whether it changed. That
 * is what the caller needs to know then.
 *
 * @returns One whose `updateFromFile` throws SourceChangedError, too.
 */
export function digestReading(source: Source, digest: Digest): Digest {
  const { prefersFile = false, saving, readInto } = digest;
  return {
    prefersFile,
    ...(saving !== undefined && { saving }),
    ...(readInto !== undefined && { readInto: readInto.bind(digest) }),
    update: (bytes) => digest.update(bytes),
    updateFromFile: async (offset, lengthBytes) => {
      try {
        return await digest.updateFromFile(offset, lengthBytes);
      } catch (error) {
        await source.check();
        throw error;
      }
    },
    finish: () => digest.finish(),
    close: () => digest.close(),
  };
}
