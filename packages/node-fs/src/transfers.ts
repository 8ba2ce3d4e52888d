import {
  checkWorkspace,
  describeJournal,
  forgetTransfer,
  InvalidOptionError,
  TransferNotFoundError,
  workspaceOf,
  type JournalKey,
  type StoredJournal,
  type UnfinishedTransfer,
  type UploadResult,
} from "@img/transfer";
import { serviceOf, type ServiceOptions } from "./client.js";
import { journalsOf } from "./journals/journal-store.js";
import { taskOn } from "./platform.js";
import { ownMachine, type Machine } from "./machine.js";
import { uploadAny, type UploadImageOptions } from "./upload.js";
import type { StateDirOptions } from "./journals/state-dir.js";

/** Of {@link listTransfers}. */
export interface TransfersOptions extends StateDirOptions {
  /** Only what is uploaded to this workspace, as it was given then. @default all uploads */
  readonly workspace?: string | undefined;
  /** Also the uploads that were completed within the last 7 days. @default false */
  readonly completed?: boolean | undefined;
}

/**
 * Lists the unfinished uploads, the latest first, without a lock and without a call of the service. (The journal of a
 * download is beside its part file: the same call of `downloadImage` resumes it.)
 *
 * @throws {JournalIoError} The folder of journals cannot be read.
 */
export async function listTransfers(
  options: TransfersOptions = {},
): Promise<readonly UnfinishedTransfer[]> {
  const { workspace, completed = false } = options;
  if (workspace !== undefined) checkWorkspace("workspace", workspace);
  const stored = await journalsOf({ stateDir: options.stateDir }).list();
  const wanted = ({ key }: StoredJournal): boolean =>
    workspace === undefined || key.workspace === workspace;
  const all = stored.filter(wanted).map(describeJournal);
  const transfers = completed ? all : all.filter(({ at }) => at !== "completed");
  return transfers.sort((a, b) => (b.beganAtSec ?? 0) - (a.beganAtSec ?? 0));
}

/** Of {@link resumeUpload}. */
export interface ResumeUploadOptions extends Omit<UploadImageOptions, "name"> {
  /** The URL of an upload that began with one. @default the journal's, which has no query and no user info */
  readonly url?: URL | undefined;
}

/**
 * Resumes an unfinished upload by its image's name, from the file or URL that it began with, as the same call of
 * `uploadImage` does.
 *
 * @throws {TransferNotFoundError} There is no unfinished upload of this name to this service.
 * @throws {InvalidOptionError} The URL had a query or user info, and is not given again.
 * @throws What `uploadImage` throws.
 */
export const resumeUpload = async (
  name: string,
  options: ResumeUploadOptions = {},
): Promise<UploadResult> => resumeWith(name, options, ownMachine(options.threads));

/** Does what `resumeUpload` does, with what the transfer may use of this machine. */
export async function resumeWith(
  name: string,
  options: ResumeUploadOptions,
  machine: Machine,
): Promise<UploadResult> {
  const { url, ...rest } = options;
  const key = uploadKey(name, options);
  const { stateDir } = options;
  const found = (await listTransfers({ stateDir })).find((one) => isSameKey(one.key, key));
  if (found === undefined || found.file === null) throw new TransferNotFoundError(name);
  // The format that it was opened with; `uploadImage` refuses an unknown one.
  const format = options.format ?? ((found.format ?? "auto") as UploadImageOptions["format"]);
  const input = inputOf(found.file, found.needsUrl, url);
  return uploadAny(input, { ...rest, format, name }, machine);
}

/** The journal keeps no secret of a URL. @throws {InvalidOptionError} The whole URL is needed. */
function inputOf(file: string, needsUrl: boolean, url: URL | undefined): string | URL {
  if (url !== undefined) return url;
  if (needsUrl) {
    throw new InvalidOptionError(
      "url",
      url,
      `given, since the journal does not keep the query and user info of ${file}`,
    );
  }
  return /^https?:\/\//.test(file) ? new URL(file) : file;
}

/** Of {@link forgetUpload}. */
export interface ForgetOptions extends ServiceOptions, StateDirOptions {
  /** The workspace that the upload is to. @default the client's */
  readonly workspace?: string | undefined;
  /** Whether the unfinished image is deleted on the service too. A completed one never is. @default false */
  readonly deleteImage?: boolean | undefined;
  /** Whether a lock is taken although its holder may be alive. @default false */
  readonly force?: boolean | undefined;
  /** Stops it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Forgets an upload by its image's name, unfinished or completed: the next one of that name starts over.
 *
 * @throws {TransferLockedError} A process works on it.
 * @throws {JournalIoError} The folder of journals cannot be read or written.
 * @throws {NotAuthorizedError | ApiRefusedError} The image was to be deleted, and the service refuses.
 */
export async function forgetUpload(name: string, options: ForgetOptions = {}): Promise<void> {
  const task = taskOn(ownMachine(1), options, {
    journals: journalsOf({ stateDir: options.stateDir }),
  });
  const key = uploadKey(name, options);
  await forgetTransfer(task.platform, key, options, options.deleteImage === true ? task : null);
}

function uploadKey(
  name: string,
  { client: given, workspace }: ServiceOptions & { readonly workspace?: string | undefined },
): JournalKey {
  const { client, server } = serviceOf(given, workspace);
  return { kind: "upload", server, workspace: workspaceOf(client, workspace), name };
}

const isSameKey = (a: JournalKey, b: JournalKey): boolean =>
  a.kind === b.kind && a.server === b.server && a.workspace === b.workspace && a.name === b.name;
