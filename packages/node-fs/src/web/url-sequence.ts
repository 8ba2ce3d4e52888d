import type { DiskFile } from "@img/disk-formats";
import { detectFormat } from "@img/disk-formats/detect";
import { SourceUnusableError, type SequentialSource } from "@img/transfer";
import { compressionIn, isCompression } from "../compressed/compression.js";
import { formatFor, type ImageFormat } from "../files/image-source.js";
import type { CompressedUrlSource } from "./compressed-url.js";
import { identityOf } from "./url-source.js";
import type { WebFile } from "./web-file.js";
import { WebReading } from "./web-reading.js";

/** The options that matter for a file that can only be read in order. */
interface InOrder {
  readonly format?: ImageFormat | "auto" | undefined;
  readonly check?: "warn" | "strict" | "off" | undefined;
}

/**
 * A raw or compressed file on a web server that answers no ranges, as the source of an upload: each run reads it from
 * its first byte.
 *
 * @param web Open.
 * @throws {SourceUnusableError} It is a disk image, or has to be checked: both need more than one way through it.
 */
export async function sequenceIn(
  web: WebFile,
  { format = "auto", check }: InOrder,
  signal: AbortSignal,
): Promise<SequentialSource | CompressedUrlSource> {
  const head = format === "raw" ? nothing : await headOf(web, signal);
  const wanted = await formatFor(format, () => compressionIn(head, signal));
  if (isCompression(wanted)) {
    const { compressedUrl } = await import("./compressed-url.js");
    return compressedUrl(web, wanted, () => new WebReading(web));
  }
  const found = wanted === "auto" ? await detectFormat(head, signal) : wanted;
  const noRanges = "the server does not support ranges";
  if (found !== "raw") {
    throw new SourceUnusableError(
      `${web.label} is a ${found} image, which must be read at any offset, but ${noRanges}.`,
      { advice: 'Download it and upload the file. Format "raw" sends its bytes as they are.' },
    );
  }
  if (check === "strict") {
    throw new SourceUnusableError(
      `${web.label} cannot be checked before it is sent: ${noRanges}.`,
      {
        advice: "Download the file and use that, or leave the strict check out.",
      },
    );
  }
  return {
    label: web.label,
    sizeBytes: null,
    identity: identityOf(web),
    check: () => web.check(),
    open: async () => new WebReading(web),
  };
}

const headBytes = 512;

/** The beginning of a file, which tells its format. */
async function headOf(web: WebFile, signal: AbortSignal): Promise<DiskFile> {
  const head = new Uint8Array(headBytes);
  const reading = new WebReading(web);
  try {
    const sizeBytes = await reading.read(head, signal);
    const read = async (offset: number, into: Uint8Array): Promise<void> =>
      into.set(head.subarray(offset, offset + into.length));
    return { sizeBytes, read };
  } finally {
    await reading.close();
  }
}

const nothing: DiskFile = { sizeBytes: 0, read: async () => undefined };
