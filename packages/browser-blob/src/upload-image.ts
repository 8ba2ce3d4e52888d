import type { SfcCore } from "@img/core/core.js";
import {
  closing,
  InvalidOptionError,
  loaded,
  ReadingDigest,
  uploadSeekable,
  type Digest,
  type SavedDigest,
  type Source,
  type UploadOptions,
  type UploadResult,
} from "@img/transfer";
import { diskIn } from "./disk-in.js";
import type { DiskImageOptions } from "./disk-options.js";
import { IndexedDbJournals } from "./journal-store.js";
import { openSource, type ImageFile } from "./open-source.js";
import { pageDefaults } from "./options.js";
import { pagePlatform } from "./platform.js";
import { askToKeep } from "./private-space.js";
import { serviceOf } from "./service.js";
import { digestOf } from "./worker-digest.js";

/** From this size on, losing the journal would cost minutes, so the browser is asked to keep it. */
const largeBytes = 1024 ** 3;

/** Every option of the engine, some with a default for pages: 4 lanes, parts of 8 MiB, `memoryBytes` 64 MiB. */
export interface UploadImageOptions extends UploadOptions, DiskImageOptions {
  /** Made with a `serverURL`, and with a token if the service wants one. */
  readonly client: SfcCore;
  /**
   * The image's name: 1 to 255 characters, a letter or digit, then letters, digits, `.`, `_`, `-`.
   * @default The file's name; a Blob without one needs it.
   */
  readonly name?: string | undefined;
}

/**
 * Uploads a file as an image, reading slices of it. If it is interrupted, the same call resumes,
 * also in another tab or after a crash: parts that have a receipt are neither sent nor hashed again. A file
 * is the same if name, size and `lastModified` are; any other of that size is compared with what was sent.
 * A handle is kept: see `listTransfers`. Without one the file is read again before the image is completed.
 *
 * @param image From an `<input type="file">`, a drop, `showOpenFilePicker`, or `openUrl`; 1 byte to 128 GiB.
 * A qcow2, VMDK, VHD, VHDX or VDI goes up as the raw disk that it describes.
 * @throws An error with a code that begins with `FORMAT_`: the disk image is damaged, or needs a feature that is not supported.
 * @throws {InvalidOptionError | SourceUnusableError | ImageSizeError} Nothing was sent.
 * @throws {SourceChangedError} The file is not the one that the upload began with, or changed meanwhile.
 * @throws {NameTakenError} Another image has the name.
 * @throws {ImageGoneError | ImageFailedError | UploadLostError | CompleteRefusedError} The unfinished image is lost.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError} The service or the store refuses.
 * @throws {WrongAnswerError | UnsafeUrlError} The service answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`; the same call resumes.
 * @throws {TransferLockedError} Another tab works on this upload.
 * @throws {JournalIoError | JournalCorruptError | JournalVersionError} The journal cannot be used.
 * @throws {DigestMismatchError} The SHA-256 is not the expected one; or `verify`: the stored image has another.
 * @throws {DigestFailedError | ScriptNotLoadedError} A worker or a script of the page failed; the same call resumes.
 * @throws The signal's reason.
 */
export async function uploadImage(
  image: ImageFile,
  options: UploadImageOptions,
): Promise<UploadResult> {
  const { client, name = nameOf(image), format, onDisk, onFinding, ...rest } = options;
  const service = serviceOf(client);
  const file = await openSource(image);
  return closing(file, async () => {
    const disk = await diskIn(file, { format, signal: rest.signal });
    if (disk !== null) onDisk?.(disk.description);
    const source = disk ?? file;
    if (onFinding ?? rest.onEvent) await tellFindings(source, { ...rest, onFinding });
    const handle = "getFile" in image ? image : null;
    const openDigest = (saved: SavedDigest | null): Digest => {
      const digest = digestOf(file, saved);
      // The worker can only read a file as it is: other bytes are sent to it.
      return source === file && file.blob !== null
        ? digest
        : new ReadingDigest(source, digest, allocate);
    };
    const platform = pagePlatform(new IndexedDbJournals({ handle, scope: "" }), openDigest);
    if (source.sizeBytes >= largeBytes) askToKeep();
    return closing(platform, () =>
      uploadSeekable({ ...service, name, source, platform }, pageDefaults(rest)),
    );
  });
}

const allocate = (bytes: number): Uint8Array => new Uint8Array(bytes);

/** The code that checks disks is loaded with the first upload that reports findings. */
async function tellFindings(
  disk: Source,
  { onFinding, onEvent, signal }: Pick<UploadImageOptions, "onFinding" | "onEvent" | "signal">,
): Promise<void> {
  const { checkDisk } = await loaded(import("@img/disk-formats/check"));
  const { findings } = await checkDisk(disk, signal);
  for (const finding of findings) {
    onEvent?.({ v: 1, event: "warning", ...finding });
    onFinding?.(finding);
  }
}

function nameOf(image: ImageFile): string {
  if ("fileName" in image) return image.fileName;
  if (!(image instanceof Blob) || image instanceof File) return image.name;
  throw new InvalidOptionError("name", undefined, "given for a Blob without a name");
}
