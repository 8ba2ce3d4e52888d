import type { SfcCore } from "@img/core/core.js";
import {
  checkWorkspace,
  closing,
  describeJournal,
  forgetTransfer,
  workspaceOf,
  type JournalKey,
  type UnfinishedTransfer,
} from "@img/transfer";
import { IndexedDbJournals, listJournals } from "./journal-store.js";
import { findPartFile } from "./part-file.js";
import { pagePlatform } from "./platform.js";
import { serviceOf } from "./service.js";
import { partScope, targetScope } from "./target-scope.js";

/** A transfer that this browser remembers, with its file if the page was given a handle of it. */
export interface PageTransfer extends UnfinishedTransfer {
  /**
   * For `uploadImage` or `downloadImage`. After a restart of the browser the user has to allow its
   * use again: `handle.requestPermission()` at a click.
   */
  readonly handle: FileSystemFileHandle | null;
}

/** Of `listTransfers`. */
export interface TransfersOptions {
  /** Only transfers to or from this workspace, as it was given then. @default all transfers */
  readonly workspace?: string | undefined;
}

/**
 * Lists the unfinished transfers of this origin, the newest first. A damaged journal is listed with its `damage`.
 *
 * @throws {InvalidOptionError} `workspace` is neither an id nor a path.
 * @throws {JournalIoError} IndexedDB cannot be used.
 */
export async function listTransfers({ workspace }: TransfersOptions = {}): Promise<
  readonly PageTransfer[]
> {
  if (workspace !== undefined) checkWorkspace("workspace", workspace);
  const all = await listJournals();
  const stored = all.filter(({ key }) => workspace === undefined || key.workspace === workspace);
  const known = stored.map((one) => ({ ...describeJournal(one), handle: one.handle }));
  const transfers = known.filter(({ at }) => at !== "completed");
  return transfers.sort((a, b) => (b.beganAtSec ?? 0) - (a.beganAtSec ?? 0));
}

/** Of `forgetDownload`. */
export interface ForgetOptions {
  /** Of the service that the transfer is with. */
  readonly client: SfcCore;
  /** The workspace that the transfer is with. @default the client's */
  readonly workspace?: string | undefined;
  /** Takes the transfer from the tab that works on it. @default false */
  readonly force?: boolean | undefined;
  /** Stops it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Of `forgetUpload`. */
export interface ForgetUploadOptions extends ForgetOptions {
  /** Whether the unfinished image is deleted on the service, too. A completed one is never deleted. @default false */
  readonly deleteImage?: boolean | undefined;
}

/**
 * Forgets an upload by its image's name, unfinished or completed: the next one of that name starts over.
 *
 * @throws {TransferLockedError} A tab works on it.
 */
export async function forgetUpload(name: string, options: ForgetUploadOptions): Promise<void> {
  const { client, deleteImage = false } = options;
  const key = keyOf("upload", name, options);
  await forget(key, "", options, deleteImage ? { client } : null);
}

/**
 * Forgets an unfinished download by its image's name, and deletes its part file.
 *
 * @throws {TransferLockedError} A tab works on it.
 */
export async function forgetDownload(
  name: string,
  target: FileSystemFileHandle,
  options: ForgetOptions,
): Promise<void> {
  const key = keyOf("download", name, options);
  const scope = await targetScope(target);
  await forget(key, scope, options, null);
  const part = await findPartFile(partScope(key, scope));
  await part.remove();
}

function keyOf(
  kind: JournalKey["kind"],
  name: string,
  { client, workspace }: ForgetOptions,
): JournalKey {
  const { server } = serviceOf(client);
  return { kind, server, workspace: workspaceOf(client, workspace), name };
}

async function forget(
  key: JournalKey,
  scope: string,
  options: ForgetOptions,
  image: { readonly client: SfcCore } | null,
): Promise<void> {
  const platform = pagePlatform(new IndexedDbJournals({ handle: null, scope }), () => {
    throw new Error("bug: nothing is hashed here");
  });
  await closing(platform, () => forgetTransfer(platform, key, options, image));
}
