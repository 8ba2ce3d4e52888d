import type { SfcCore } from "@img/core/core.js";
import {
  checkIdOrName,
  closing,
  download,
  findImage,
  workspaceOf,
  type DownloadOptions,
  type DownloadResult,
} from "@img/transfer";
import { IndexedDbJournals } from "./journal-store.js";
import { openOpfsSink, type OpfsSink } from "./opfs-sink.js";
import { pageDefaults } from "./options.js";
import { pagePlatform } from "./platform.js";
import { askToKeep } from "./private-space.js";
import { serviceOf } from "./service.js";
import { partScope, targetScope } from "./target-scope.js";
import { stateOf, WorkerDigest } from "./worker-digest.js";

/** Every option of the engine, with the defaults for pages that uploads have. */
export interface DownloadImageOptions extends DownloadOptions {
  /** Made with a `serverURL`, and with a token if the service wants one. */
  readonly client: SfcCore;
}

/**
 * Downloads an image to a file. Until it is whole and verified it stands in the origin's private file
 * system; then it takes the place of what the handle names: at once if that is in there too, else by a
 * copy, for which there must be space twice. If it is interrupted, the same call resumes.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @param target From `showSaveFilePicker`, or in the origin's private file system.
 * @throws {InvalidOptionError | TargetUnusableError | NotEnoughSpaceError} Nothing was fetched.
 * @throws {ImageNotFoundError | ImageNotReadyError | ImageGoneError} There is nothing to download.
 * @throws {ImageChangedError} The stored image is no longer the one whose download began.
 * @throws {DigestMismatchError} What came is not what the service says; the target is untouched.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError} The service or the store refuses.
 * @throws {WrongAnswerError | UnsafeUrlError} The service answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`; the same call resumes.
 * @throws {TransferLockedError} Another tab downloads to this file.
 * @throws {JournalIoError | JournalCorruptError | JournalVersionError} The journal cannot be used.
 * @throws {DiskError | DigestFailedError | ScriptNotLoadedError} The browser's storage, a worker or a script failed; the
 *   same call resumes.
 * @throws The signal's reason.
 */
export async function downloadImage(
  idOrName: string,
  target: FileSystemFileHandle,
  options: DownloadImageOptions,
): Promise<DownloadResult> {
  const { client, ...rest } = options;
  const service = serviceOf(client);
  checkIdOrName(idOrName, client);
  const workspace = workspaceOf(client, rest.workspace);
  const given = pageDefaults(rest);
  const scope = await targetScope(target);
  askToKeep();
  const sinks: OpfsSink[] = [];
  const platform = pagePlatform(new IndexedDbJournals({ handle: target, scope }), (saved) => {
    const [sink] = sinks;
    if (sink === undefined) throw new Error("bug: a digest before there is a part file");
    // The worker that has the part file open makes the digest too; the sink ends it.
    const worker = sink.worker(stateOf(saved));
    const end = (): void => undefined;
    return new WorkerDigest({ worker, saved, label: target.name, prefersFile: true, end });
  });
  return closing(platform, async () => {
    const image = await findImage({ ...service, platform }, idOrName, given);
    const sink = await openOpfsSink(
      target,
      partScope({ ...service, workspace, name: image.name }, scope),
    );
    sinks.push(sink);
    return closing(sink, () => download({ ...service, image, sink, platform }, given));
  });
}
