import { SourceChangedError } from "../errors.js";
import type { AnySource } from "../ports.js";
import type { Run } from "../run/run.js";
import { rereadDigest } from "./reread-digest.js";

/**
 * Checks the source once more before its image is completed. If its metadata changed, the source is opened
 * again and its SHA-256 is compared.
 *
 * @param sha256 Of the bytes that were sent.
 * @throws {SourceChangedError} It has another size, other bytes, or is gone.
 */
export async function lastLook(run: Run, source: AnySource, sha256: string): Promise<void> {
  const change = await changeOf(source);
  if (change === null) return;
  if (source.reopen === undefined) throw change;
  await source.reopen(run.options.signal).catch((error: unknown) => {
    throw error instanceof SourceChangedError ? change : error; // the first error says what happened
  });
  if ((await rereadDigest(run, source)) === sha256) return;
  throw new SourceChangedError("its bytes are not those that were sent", { cause: change });
}

/** Accepts the source as it is now, before an upload begins again. */
export async function takeAsItIs({ options }: Run, source: AnySource): Promise<void> {
  if (source.reopen === undefined) await source.check();
  else await source.reopen(options.signal);
}

async function changeOf(source: AnySource): Promise<SourceChangedError | null> {
  try {
    await source.check();
    return null;
  } catch (error) {
    if (error instanceof SourceChangedError) return error;
    throw error;
  }
}
