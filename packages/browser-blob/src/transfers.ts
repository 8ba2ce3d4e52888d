import type { SfcCore } from "@img/core/core.js";
import {
  closing,
  describeJournal,
  forgetTransfer,
  type JournalKey,
  type UnfinishedTransfer,
} from "@img/transfer";
import { IndexedDbJournals, listJournals } from "./journal-store.js";
import { findPartFile } from "./part-file.js";
import { pagePlatform } from "./platform.js";
import { serviceOf } from "./service.js";
import { partScope, targetScope } from "./target-scope.js";

/** A transfer that this browser remembers, with its file where the page was given a handle of it. */
export interface PageTransfer extends UnfinishedTransfer {
  /**
   * For `uploadImage` or `downloadImage`. After a new start of the browser the user has to allow its
   * use again: `handle.requestPermission()` at a click.
   */
  readonly handle: FileSystemFileHandle | null;
}

/** Every unfinished transfer of this origin, the newest first. Damaged ones are told of, not thrown. */
export async function listTransfers(): Promise<readonly PageTransfer[]> {
  const stored = await listJournals();
  const transfers = stored.map((one) => ({ ...describeJournal(one), handle: one.handle }));
  return transfers.sort((a, b) => (b.beganAtSec ?? 0) - (a.beganAtSec ?? 0));
}

/** Of `forgetDownload`. */
export interface ForgetOptions {
  /** Of the service that the transfer is with. */
  readonly client: SfcCore;
  /** Takes the transfer from the tab that works on it. @default false */
  readonly force?: boolean | undefined;
  /** Stops it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Of `forgetUpload`. */
export interface ForgetUploadOptions extends ForgetOptions {
  /** Whether the half-made image is deleted on the service too. A completed one never is. @default false */
  readonly deleteImage?: boolean | undefined;
}

/**
 * Forgets an unfinished upload by its image's name: the next one of that name starts anew.
 *
 * @throws {TransferLockedError} A tab works on it.
 */
export async function forgetUpload(name: string, options: ForgetUploadOptions): Promise<void> {
  const { client, deleteImage = false, ...rest } = options;
  await forget("upload", name, "", rest, client, deleteImage);
}

/**
 * Forgets an unfinished download by its image's name, and deletes what of it is there.
 *
 * @throws {TransferLockedError} A tab works on it.
 */
export async function forgetDownload(
  name: string,
  target: FileSystemFileHandle,
  options: ForgetOptions,
): Promise<void> {
  const { client, ...rest } = options;
  const scope = await targetScope(target);
  await forget("download", name, scope, rest, client, false);
  const part = await findPartFile(partScope(serviceOf(client).server, name, scope));
  await part.remove();
}

async function forget(
  kind: JournalKey["kind"],
  name: string,
  scope: string,
  options: Pick<ForgetOptions, "force" | "signal">,
  client: SfcCore,
  deleteImage: boolean,
): Promise<void> {
  const key: JournalKey = { kind, server: serviceOf(client).server, workspace: null, name };
  const platform = pagePlatform(new IndexedDbJournals({ handle: null, scope }), () => {
    throw new Error("bug: nothing is hashed here");
  });
  const image = deleteImage ? { client } : null;
  await closing(platform, () => forgetTransfer(platform, key, options, image));
}
