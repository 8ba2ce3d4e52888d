import type { DiskFile } from "@img/disk-formats";
import type { DiskCheck, Finding } from "@img/disk-formats/check";
import { CheckFailedError, closing, type TransferOptions } from "@img/transfer";
import type { UnpackedSource } from "./compressed/compressed-source.js";
import type { LookInside } from "./compressed/look-inside.js";
import { openImageSource, type ImageFormat } from "./files/image-source.js";

/** Of {@link checkImage}. */
export interface CheckImageOptions {
  /** What the file is. @default "auto": detected from its content */
  readonly format?: ImageFormat | "auto" | undefined;
  /** Stops the check: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The result of a check. */
export interface ImageCheck extends DiskCheck {
  /** How the file encodes the disk. */
  readonly format: ImageFormat;
  /** Of the raw disk; null for a compressed one, which is not unpacked to its end. */
  readonly sizeBytes: number | null;
}

/**
 * Checks whether the raw disk that a file describes can boot on a node: UEFI, amd64, sectors of 512 bytes. Reads at
 * most 512 KiB of the disk, or unpacks the first 32 MiB of a compressed one, and nothing is sent anywhere. `docs/checks.md` explains each finding.
 *
 * @param input The path or the URL of a disk image in any format that `uploadImage` takes. A web server must answer
 *   ranges.
 * @throws {SourceUnusableError} It is missing, unreadable, or not a regular file.
 * @throws An error with a code that begins with `FORMAT_`: the image is damaged, or needs what is not read.
 */
export async function checkImage(
  input: string | URL,
  options: CheckImageOptions = {},
): Promise<ImageCheck> {
  const source = await openAny(input, options);
  return closing(source, async () =>
    source.sizeBytes === null
      ? { format: source.format, ...(await insideOf(source, true, options.signal))! }
      : {
          format: source.disk?.format ?? "raw",
          sizeBytes: source.sizeBytes,
          ...(await checkOf(source, options.signal)),
        },
  );
}

async function openAny(input: string | URL, options: CheckImageOptions) {
  if (!(input instanceof URL)) return openImageSource(input, options);
  const { openUrlImage } = await import("./web/url-source.js");
  return openUrlImage(input, options);
}

/** Loads the checks when they are first needed: most of them are not needed to send bytes. */
async function checkOf(source: DiskFile, signal?: AbortSignal): Promise<DiskCheck> {
  const { checkDisk } = await import("@img/disk-formats/check");
  return checkDisk(source, signal);
}

/** Loads what looks into a compressed file when it is first needed. */
async function insideOf(
  source: UnpackedSource,
  isChecked: boolean,
  signal: AbortSignal = new AbortController().signal,
): Promise<LookInside | null> {
  const { lookInside } = await import("./compressed/look-inside.js");
  return lookInside(source, isChecked, signal);
}

/** Whether an upload's disk is checked before anything is created. */
export interface CheckOptions {
  /**
   * Whether the disk is checked before anything is created: will it boot? `"warn"` tells what is found to `onFinding` and
   * `onEvent` if one is given, `"strict"` also stops the upload at the first error or warning, `"off"` checks nothing. @default `"warn"`
   */
  readonly check?: "warn" | "strict" | "off" | undefined;
  /** Called for each finding, the worst first, before anything is created. An error that it throws stops the upload. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

type CheckHooks = Pick<TransferOptions, "onEvent" | "signal">;

/**
 * Checks the disk if that is wanted. A compressed file is always looked into.
 *
 * @throws {CheckFailedError} The check is strict, and found an error or a warning.
 * @throws What `lookInside` throws.
 */
export async function checkBeforeUpload(
  source: DiskFile | UnpackedSource,
  { check = "warn", onFinding, onEvent, signal }: CheckOptions & CheckHooks,
): Promise<void> {
  const isHeard = onFinding !== undefined || onEvent !== undefined;
  const isWanted = check === "strict" || (check === "warn" && isHeard);
  const checked =
    source.sizeBytes === null
      ? await insideOf(source, isWanted, signal)
      : isWanted && (await checkOf(source, signal));
  if (!checked) return;
  const { findings } = checked;
  const serious =
    check === "strict" ? findings.find(({ severity }) => severity !== "note") : undefined;
  for (const finding of findings) {
    if (finding === serious) continue;
    onEvent?.({ v: 1, event: "warning", ...finding });
    onFinding?.(finding);
  }
  if (serious) throw new CheckFailedError(serious.code, serious.message, serious.advice);
}
