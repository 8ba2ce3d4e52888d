import type { UnfinishedTransfer } from "@img/node-fs";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import { explain } from "../failure/failure.js";
import type { FormatFlag } from "../disks/disk-options.js";
import { printFailure, printText } from "../report/output.js";
import { readSettings } from "../settings/settings.js";
import {
  isThere,
  sameServer,
  unfinishedUpload,
  unfinishedUploads,
  type Where,
} from "./unfinished-uploads.js";
import { labelOf, urlIn } from "../upload/upload-input.js";
import { uploadFiles, type UploadFlags } from "../upload/upload-files.js";
import { UsageError } from "../failure/usage-error.js";

export type ResumeFlags = Omit<UploadFlags, "name" | "format" | "dryRun">;

/**
 * Resumes one unfinished upload, or, one after the other, all uploads to this service that no process works on.
 * If one fails, the others are still resumed.
 *
 * @param url The URL of an upload that began with one: the journal keeps no query and no user info.
 * @returns The exit code of the first failure.
 */
export async function resumeTransfers(
  name: string | null,
  url: string | null,
  flags: ResumeFlags,
): Promise<ExitCode> {
  checkUrl(url);
  const { server } = await readSettings({ ...flags, workspace: null, apiVersion: undefined });
  const uploads =
    name === null ? await idle({ ...flags, server }) : [await named(name, server, flags)];
  if (uploads.length === 0) printText(flags, "No unfinished uploads for this server.");
  let worst: ExitCode = exitCode.done;
  for (const upload of uploads) {
    const { name: own, workspace } = upload.key;
    if (upload.needsUrl && name === null) {
      const needed = new NeededUrlError(upload);
      printFailure(flags, explain(needed), needed);
      if (worst === exitCode.done) worst = exitCode.usage;
      continue;
    }
    // The format in which the file was opened; the library refuses one that it does not know.
    const format = (upload.format ?? undefined) as FormatFlag | undefined;
    // The disk was checked when the upload began.
    const itsOwn = {
      ...flags,
      name: own,
      workspace,
      check: "off" as const,
      ...(format !== undefined && { format }),
    };
    const code = await uploadFiles([fileOf(upload, url)], itsOwn, uploads.length > 1);
    if (worst === exitCode.done) worst = code;
    if (([exitCode.interrupted, exitCode.notAuthorized] as ExitCode[]).includes(code)) return code;
  }
  return worst;
}

async function idle(where: Where): Promise<readonly UnfinishedTransfer[]> {
  const all = await unfinishedUploads();
  return all.filter(
    ({ key, holder, file }) => holder === null && file !== null && isThere(key, where),
  );
}

/** Finds the upload to resume. The token is sent only to the service that was configured or named. */
async function named(name: string, server: string, said: Where): Promise<UnfinishedTransfer> {
  const upload = await unfinishedUpload(name, said);
  if (sameServer(upload.key.server, server)) return upload;
  throw new UsageError(
    `The upload of ${name} is to another service, ${upload.key.server}.`,
    `If the token is for that one: --server ${upload.key.server}`,
  );
}

/** The upload began with a URL, of which the query or the user info was not kept. */
class NeededUrlError extends UsageError {
  constructor({ key, file }: UnfinishedTransfer) {
    super(
      `The upload of ${key.name} began with a URL that had a query or a user name, which are not kept.`,
      `Give all of ${file ?? "the URL"} again: img transfers resume ${key.name} URL`,
    );
  }
}

function checkUrl(url: string | null): void {
  if (url === null || urlIn(url) !== null) return;
  throw new UsageError(
    `${labelOf(url)} is not the URL of a web server.`,
    "It must begin with https:// or http://",
  );
}

function fileOf(upload: UnfinishedTransfer, url: string | null): string {
  const { key, file, damage } = upload;
  if (url !== null) return url;
  if (upload.needsUrl) throw new NeededUrlError(upload);
  if (file !== null) return file;
  const why = damage ?? "It had not begun.";
  throw new UsageError(
    `The upload of ${key.name} cannot be resumed. ${why}`,
    "Forget it, and upload the file again: img transfers forget NAME",
  );
}
