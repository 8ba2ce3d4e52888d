import { untilAborted } from "../promises/kept.js";
import type { AnySource, Digest, SequentialSource, Source } from "../ports.js";
import { ImageSizeError } from "../errors.js";
import { limits, MiB, partBytesFor, planParts, type Part } from "../plan.js";
import type { Run } from "../run/run.js";

/** SHA-256 and size of a source, found by reading all of it. */
export interface SourceDigest {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Reads a whole source in order for its SHA-256, without sending it. If the source changes meanwhile, the SHA-256 is of
 * what was read.
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
 * Wraps a digest: if it cannot read the source, the source is first asked whether it has changed, which explains more.
 *
 * @returns A digest whose `updateFromFile` may also throw SourceChangedError.
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
