import type { DiskFile, DiskFormat } from "@img/disk-formats";
import type { DiskCheck, Finding } from "@img/disk-formats/check";
import { CheckFailedError, closing, type TransferOptions } from "@img/transfer";
import { openDiskSource } from "./files/disk-source.js";

/** Of {@link checkImage}. */
export interface CheckImageOptions {
  /** What the file is. @default "auto": detected from its content */
  readonly format?: DiskFormat | "auto" | undefined;
  /** Stops the check: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a look at a disk image has shown. */
export interface ImageCheck extends DiskCheck {
  /** How the file encodes the disk. */
  readonly format: DiskFormat;
  /** Of the raw disk. */
  readonly sizeBytes: number;
}

/**
 * Looks whether the raw disk that a file describes can boot on a node: UEFI, amd64, sectors of 512 bytes. Reads at
 * most 512 KiB of the disk, and nothing is sent anywhere. `docs/checks.md` explains each finding.
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
  return closing(source, async () => ({
    format: source.disk?.format ?? "raw",
    sizeBytes: source.sizeBytes,
    ...(await checkOf(source, options.signal)),
  }));
}

async function openAny(input: string | URL, options: CheckImageOptions) {
  if (!(input instanceof URL)) return openDiskSource(input, options);
  const { openUrlSource } = await import("./web/url-source.js");
  return openUrlSource(input, options);
}

/** What is loaded only for a check, since most of it is never needed to send bytes. */
async function checkOf(source: DiskFile, signal?: AbortSignal): Promise<DiskCheck> {
  const { checkDisk } = await import("@img/disk-formats/check");
  return checkDisk(source, signal);
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

/** @throws {CheckFailedError} The check is strict, and found an error or a warning. */
export async function checkBeforeUpload(
  source: DiskFile,
  { check = "warn", onFinding, onEvent, signal }: CheckOptions & CheckHooks,
): Promise<void> {
  if (check === "off") return;
  if (check === "warn" && onFinding === undefined && onEvent === undefined) return;
  const { findings } = await checkOf(source, signal);
  const serious =
    check === "strict" ? findings.find(({ severity }) => severity !== "note") : undefined;
  for (const finding of findings) {
    if (finding === serious) continue;
    onEvent?.({ v: 1, event: "warning", ...finding });
    onFinding?.(finding);
  }
  if (serious) throw new CheckFailedError(serious.code, serious.message, serious.advice);
}
