import { untilAborted } from "../promises/kept.js";
import type { Digest, Source } from "../ports.js";
import { partBytesFor, planParts, type Part } from "../plan.js";
import type { Run } from "../run/run.js";

/**
 * The SHA-256 of a whole source, read in order and not sent. If it changes meanwhile, it is of what was read.
 *
 * @param onDigested Called with each part that was read, in order.
 */
export async function digestOfSource(
  run: Run,
  source: Source,
  onDigested: (part: Part) => void = () => undefined,
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
  const { prefersFile = false, saving } = digest;
  return {
    prefersFile,
    ...(saving !== undefined && { saving }),
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
