import type { SfcCore } from "@img/core/core.js";
import {
  describeJournal,
  forgetTransfer,
  TransferNotFoundError,
  type UnfinishedTransfer,
  type UploadResult,
} from "@img/transfer";
import { serviceOf } from "./client.js";
import { fileJournals } from "./journals/journal-store.js";
import { nodePlatform } from "./platform.js";
import { uploadImage, type UploadImageOptions } from "./upload-image.js";
import { stateDirOfUser } from "./journals/user-state-dir.js";

/** Of {@link listTransfers}. */
export interface TransfersOptions {
  /** Where journals are kept. @default `$XDG_STATE_HOME/img` or the platform's place */
  readonly stateDir?: string | undefined;
}

/**
 * The uploads that are not finished, the latest first. Nothing is locked and nothing asked of the
 * service. (A download's journal stands beside its part file, and is found by running it again.)
 */
export async function listTransfers(
  options: TransfersOptions = {},
): Promise<readonly UnfinishedTransfer[]> {
  const stored = await fileJournals(options.stateDir ?? stateDirOfUser()).list();
  const transfers = stored.map(describeJournal);
  return transfers.sort((a, b) => (b.beganAtSec ?? 0) - (a.beganAtSec ?? 0));
}

/**
 * Goes on with an unfinished upload by its image's name, from the file that it was begun with: as
 * `uploadImage` called again.
 *
 * @throws {TransferNotFoundError} No upload of this name to this service is unfinished.
 */
export async function resumeUpload(
  name: string,
  options: Omit<UploadImageOptions, "name"> = {},
): Promise<UploadResult> {
  const { server } = serviceOf(options.client);
  const found = (await listTransfers(options)).find(
    ({ key }) => key.kind === "upload" && key.server === server && key.name === name,
  );
  if (found === undefined || found.file === null) throw new TransferNotFoundError(name);
  return uploadImage(found.file, { ...options, name });
}

/** Of {@link forgetUpload}. */
export interface ForgetOptions extends TransfersOptions {
  /** @default One made from `SFC_SERVER_URL` and `SFC_BEARER_AUTH`. */
  readonly client?: SfcCore | undefined;
  /** Whether the half-made image is deleted on the service too. A completed one never is. @default false */
  readonly deleteImage?: boolean | undefined;
  /** Takes a lock whose holder cannot be proven dead. @default false */
  readonly force?: boolean | undefined;
  /** Stops it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Forgets an unfinished upload by its image's name: the next one of that name starts anew.
 *
 * @throws {TransferLockedError} A process works on it.
 */
export async function forgetUpload(name: string, options: ForgetOptions = {}): Promise<void> {
  const { client, server } = serviceOf(options.client);
  const platform = nodePlatform(fileJournals(options.stateDir ?? stateDirOfUser()), "");
  const key = { kind: "upload", server, workspace: null, name } as const;
  await forgetTransfer(platform, key, options, options.deleteImage === true ? { client } : null);
}
