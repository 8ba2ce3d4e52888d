import { randomBytes } from "node:crypto";
import type { SfcCore } from "@img/core/core.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { NotFoundError } from "@img/core/models/errors";
import { uploadStream, type TransferProgress } from "@img/node-fs";
import { formatRate } from "../report/bytes.js";
import { counted } from "../report/counted.js";
import { formatSeconds } from "../report/durations.js";
import { findByName } from "../images/find-image.js";
import { limitText } from "../report/progress-words.js";

class Enough extends Error {}

/**
 * Measures an upload: sends made-up bytes for some seconds, as an image that is never completed and is deleted
 * at once.
 *
 * @param measureMs How long it sends, in ms. In less than 3 s few lanes are added.
 * @param signal Ends it early.
 * @returns What limits an upload from here, as a sentence.
 * @throws The reason why no upload can be made.
 */
export async function measureLink(
  client: SfcCore,
  measureMs: number,
  signal: AbortSignal,
): Promise<string> {
  const name = `img-doctor-${randomBytes(6).toString("hex")}`;
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(new Enough()), measureMs);
  let last: TransferProgress | null = null;
  let best = 0;
  try {
    await uploadStream(noise(), name, {
      client,
      retryBudgetMs: measureMs,
      signal: AbortSignal.any([signal, enough.signal]),
      onProgress: (progress) => {
        last = progress;
        best = Math.max(best, progress.bytesPerSecond);
      },
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  } finally {
    clearTimeout(timer);
  }
  const left = (await deleted(client, name))
    ? ""
    : ` To delete what it has left: img delete ${name}`;
  return `${linkText(last, best, measureMs)}${left}`;
}

/**
 * Deletes the image if the upload has not. An upload that is stopped has half a second to delete its image,
 * which is too short for a busy server.
 */
async function deleted(client: SfcCore, name: string): Promise<boolean> {
  const left = await findByName(client, name);
  if (left === null) return true;
  const answer = await imagesDelete(client, { id: left.id });
  return answer.ok || answer.error instanceof NotFoundError; // the upload was faster
}

/** Yields random bytes, which no proxy can compress. */
async function* noise(): AsyncGenerator<Uint8Array> {
  const bytes = randomBytes(1024 * 1024);
  for (;;) {
    yield bytes;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Describes what was measured, as a sentence. */
export function linkText(
  last: Pick<TransferProgress, "limitedBy" | "lanes"> | null,
  bytesPerSecond: number,
  measureMs: number,
): string {
  if (last === null || bytesPerSecond === 0) {
    return `no byte arrived in ${measureMs / 1000} s`;
  }
  const { limitedBy, lanes } = last;
  const limit = limitedBy === null ? "" : `, ${limitText(limitedBy, false)}`;
  const tenGiB = formatSeconds(Math.ceil((10 * 1024 ** 3) / bytesPerSecond));
  return `an upload goes at ${formatRate(bytesPerSecond)} over ${counted(lanes, "lane")}${limit}: 10 GiB take ${tenGiB}`;
}
