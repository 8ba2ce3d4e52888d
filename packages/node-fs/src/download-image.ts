import type { SfcCore } from "@img/core/core.js";
import type { ImageUploadResponse } from "@img/core/models";
import {
  checkIdOrName,
  closing,
  download,
  downloadedAlready,
  findImage,
  InvalidOptionError,
  type DownloadOptions,
  type DownloadResult,
  type TransferEvent,
} from "@img/transfer";
import type { LowSpace } from "./files/room.js";
import { noJournals } from "./files/byte-streams.js";
import { serviceOf, type Service } from "./client.js";
import { openFileSink } from "./files/file-sink.js";
import { openFileSource } from "./files/file-source.js";
import { realFileSystem } from "@img/files";
import { checkFileTarget, isWholeFile, partPathOf } from "./files/file-target.js";
import { journalBeside } from "./journals/journal-store.js";
import { ownMachine, type Machine } from "./machine.js";
import { platformOn } from "./platform.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { tracedTransfer } from "./tracing.js";

/** Of {@link downloadImage}. */
export interface DownloadImageOptions extends DownloadOptions, ThreadOptions {
  /**
   * The client of the service, an `Sfc` or `SfcCore`.
   * @default made from `SFC_SERVER_URL`, `SFC_BEARER_AUTH`, `SFC_WORKSPACE` and `SFC_API_VERSION`
   */
  readonly client?: SfcCore | undefined;
  /** Whether a regular file at the target may be replaced. Links and folders never are. @default `false` */
  readonly overwrite?: boolean | undefined;
  /**
   * What to do if there is a regular file at the target: decide by `overwrite`; or read it first, and fetch nothing if it
   * has the image's size and SHA-256. `"verify"` is the former name of `"accept-same"`. @default `"fail"`
   */
  readonly ifExists?: "fail" | "accept-same" | "verify" | undefined;
  /** Whether runs of zeros become holes, if the file system can have them. @default `true` */
  readonly sparse?: boolean | undefined;
  /**
   * Whether it is an error, before anything is fetched, that the disk has less room than the rest of the image needs. A
   * sparse file may need less. @default `!sparse`
   */
  readonly requireSpace?: boolean | undefined;
  /** Called before anything is fetched if the disk has less room than the rest of the image; the download continues. */
  readonly onLowSpace?: ((space: LowSpace) => void) | undefined;
}

/**
 * Downloads an image to a file. Until it is whole and verified it stands beside the target, as
 * `PATH.img-part`; if it is interrupted, the same call continues.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @param path The file to be made; its folder must exist.
 * @throws {InvalidOptionError | TargetExistsError | TargetUnusableError | NotEnoughSpaceError} Nothing was fetched.
 * @throws {ImageNotFoundError | ImageNotReadyError | ImageGoneError} There is nothing to download.
 * @throws {ImageChangedError} The stored image is no longer the one whose download began.
 * @throws {DigestMismatchError} What came is not what the service says; the target is untouched.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError} The service or the store refuses.
 * @throws {WrongAnswerError | UnsafeUrlError} The service answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`; the same call resumes.
 * @throws {TransferLockedError} Another process downloads to this path.
 * @throws {JournalIoError | JournalCorruptError | JournalVersionError | JournalGoneError} The journal cannot be used.
 * @throws {DiskError | DigestFailedError} This machine failed; the same call resumes.
 * @throws The signal's reason.
 */
export const downloadImage = async (
  idOrName: string,
  path: string,
  options: DownloadImageOptions = {},
): Promise<DownloadResult> => downloadFile(idOrName, path, options, ownMachine(options.threads));

/** Does what `downloadImage` does, with what the transfer may use of this machine. */
export async function downloadFile(
  idOrName: string,
  path: string,
  options: DownloadImageOptions,
  machine: Machine,
): Promise<DownloadResult> {
  const { client, overwrite = false, sparse = true, ifExists = "fail", ...more } = options;
  const { requireSpace, onLowSpace, ...rest } = more;
  if (!["fail", "accept-same", "verify"].includes(ifExists)) {
    throw new InvalidOptionError("ifExists", ifExists, "one of fail, accept-same, verify");
  }
  const service = serviceOf(client, rest.workspace);
  checkIdOrName(idOrName, service.client);
  const mayBeThere = ifExists !== "fail" && (await isWholeFile(path, realFileSystem));
  if (!mayBeThere) await checkFileTarget(path, { overwrite }, realFileSystem);
  const platform = platformOn(
    machine,
    journalBeside(partPathOf(path), machine.disk),
    partPathOf(path),
  );
  return tracedTransfer({ operation: "download", image: idOrName }, async () => {
    const image = await findImage({ ...service, platform }, idOrName, rest);
    if (mayBeThere) {
      const found = await verified({ ...service, image, machine }, path, rest);
      if (found !== null) return found;
    }
    const lowSpace = (space: LowSpace): void => {
      rest.onEvent?.(lowSpaceEvent(space));
      onLowSpace?.(space);
    };
    const making = { overwrite, sparse, requireSpace, onLowSpace: lowSpace };
    const sink = await openFileSink(path, making, realFileSystem);
    const task = { ...service, image, sink, platform, share: machine.share };
    return closing(sink, () => download(task, rest));
  });
}

const lowSpaceEvent = ({ neededBytes, freeBytes }: LowSpace): TransferEvent => ({
  v: 1,
  event: "warning",
  code: "LOW_SPACE",
  message: `The image may need ${neededBytes} bytes, but the disk has ${freeBytes} free. Zeros are left out, so it may fit.`,
});

/** Returns the result for the file at the target if it is the image already; else null. */
async function verified(
  of: Service & { readonly image: ImageUploadResponse; readonly machine: Machine },
  path: string,
  options: DownloadOptions,
): Promise<DownloadResult | null> {
  const file = await openFileSource(path);
  const platform = platformOn(of.machine, noJournals, file.path);
  return closing(file, () => downloadedAlready({ ...of, file, platform }, options));
}
