import {
  closing,
  InvalidOptionError,
  kept,
  MiB,
  partBytesFor,
  upload,
  type AnySource,
  type TransferProgress,
  type UploadResult,
} from "@img/transfer";
import { systemClock } from "./clock.js";
import { checkBeforeUpload } from "./check-image.js";
import { compressions } from "./compressed/compression.js";
import { checkFormat } from "./files/disk-source.js";
import { sourceDigest } from "./hashing/reading-digest.js";
import { journalsOf } from "./journals/journal-store.js";
import type { Machine } from "./machine.js";
import { taskOn } from "./platform.js";
import { expectedOfDisk, expectedOfRaw, sha256OfReading } from "./source-sha256.js";
import { tracedTransfer } from "./tracing.js";
import type { UploadImageOptions } from "./upload.js";
import { sequenceIn } from "./web/url-sequence.js";
import type { CompressedUrlSource } from "./web/compressed-url.js";
import { imageIn, rangeReading, type UrlSource } from "./web/url-source.js";
import { WebFile } from "./web/web-file.js";
import { fileNameOf } from "./web/web-url.js";

/**
 * `uploadImage` of a URL.
 *
 * @throws {InvalidOptionError} Nothing was asked for.
 */
export async function uploadUrl(
  url: URL,
  options: UploadImageOptions,
  machine: Machine,
): Promise<UploadResult> {
  if (!/^https?:$/.test(url.protocol)) {
    throw new InvalidOptionError("input", url.protocol, "a path, or an https: or http: URL");
  }
  const { name = nameIn(url) } = options;
  const task = taskOn(machine, options, { journals: journalsOf(options, machine.disk) });
  const web = new WebFile(url, options);
  const uploading = async (): Promise<UploadResult> => {
    const { source, ...found } = await tellingOutages(web, options, () =>
      prepare(web, options, machine.share === undefined ? 1 : usuallyAtOnce),
    );
    const openDigest = () => sourceDigest(source, machine.digests);
    return upload(
      { ...task, platform: { ...task.platform, openDigest }, name, source },
      { ...options, ...found, ...tellingOutagesOf(web, options) },
    );
  };
  const trace = { operation: "upload", image: name } as const;
  return tracedTransfer(trace, () => closing(web, uploading));
}

/** How many uploads of URLs usually run at once if they share memory. */
const usuallyAtOnce = 8;

interface Prepared {
  readonly source: AnySource;
  /** What is left for parts. */
  readonly memoryBytes: number;
  readonly expectedSha256: string | undefined;
}

/** Does everything that comes before the image is created. @param atOnce How many uploads may read ahead at once. */
async function prepare(web: WebFile, given: UploadImageOptions, atOnce: number): Promise<Prepared> {
  const { format = "auto", memoryBytes = 256 * MiB } = given;
  const { signal = new AbortController().signal } = given;
  checkFormat(format, compressions);
  const { hasRanges } = await web.open(signal);
  const cacheBytes = hasRanges ? Math.floor(cacheWithin(memoryBytes, given) / atOnce) : 0;
  const source = hasRanges
    ? await imageIn(web, { format, signal, cacheBytes })
    : await sequenceIn(web, given, signal);
  if (!canBeLookedAt(source)) {
    return { source, memoryBytes, expectedSha256: expectedOfRaw(given) };
  }
  if ("file" in source && source.description !== null) given.onDisk?.(source.description);
  await checkBeforeUpload(source, given);
  const expectedSha256 = await expectedOfDisk(source, given, () => {
    const isDisk = "file" in source;
    const reading = isDisk ? rangeReading(source.label, source.file) : source.openPacked();
    return sha256OfReading(reading, signal);
  });
  return { source, memoryBytes: memoryBytes - cacheBytes, expectedSha256 };
}

/** Whether it can be read before it is sent. A raw file of a server without ranges cannot. */
const canBeLookedAt = (source: AnySource): source is UrlSource | CompressedUrlSource =>
  "file" in source || "openPacked" in source;

function nameIn(url: URL): string {
  const name = fileNameOf(url);
  if (name !== null) return name;
  throw new InvalidOptionError("name", undefined, "given for a URL that ends in no file name");
}

/** How much memory bytes that are read ahead may take, so that the wanted lanes still have memory for their parts. */
function cacheWithin(memoryBytes: number, { lanes = 1, partBytes }: UploadImageOptions): number {
  const parts = lanes * partBytesFor(128 * 1024 * MiB, partBytes ?? null);
  return Math.max(0, Math.min(32 * MiB, Math.floor(memoryBytes / 8), memoryBytes - parts));
}

/** The callbacks, told also that the web server gives nothing. */
function tellingOutagesOf(
  web: WebFile,
  { onEvent, onProgress }: UploadImageOptions,
): Pick<UploadImageOptions, "onEvent" | "onProgress"> {
  return {
    onProgress: (progress) => onProgress?.(withOutageOf(web, progress)),
    onEvent:
      onEvent &&
      ((event) => onEvent(event.event === "progress" ? withOutageOf(web, event) : event)),
  };
}

/** While the web server gives nothing, that is why nothing moves. */
function withOutageOf<Progress extends TransferProgress>(
  { outage }: WebFile,
  progress: Progress,
): Progress {
  if (outage === null || progress.outage !== undefined || progress.phase === "verifying") {
    return progress;
  }
  return { ...progress, bytesPerSecond: 0, etaMs: null, outage };
}

const tellEveryMs = 200;

/** Does what comes before the upload, and tells meanwhile if the web server gives nothing. */
async function tellingOutages<T>(
  web: WebFile,
  { onEvent, onProgress }: UploadImageOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (onProgress === undefined && onEvent === undefined) return work();
  const done = new AbortController();
  const tell = async (): Promise<never> => {
    for (;;) {
      await systemClock.wait(tellEveryMs, done.signal);
      const { outage } = web;
      if (outage === null) continue;
      onEvent?.({ v: 1, event: "progress", ...preparing, outage });
      onProgress?.({ ...preparing, outage });
    }
  };
  try {
    return await Promise.race([work(), kept(tell())]);
  } finally {
    done.abort();
  }
}

const preparing: TransferProgress = {
  phase: "preparing",
  sizeBytes: 0,
  doneBytes: 0,
  inFlightBytes: 0,
  digestedBytes: 0,
  partsDone: 0,
  partsTotal: 0,
  partsInFlight: 0,
  lanes: 0,
  bytesPerSecond: 0,
  etaMs: null,
  limitedBy: null,
};
