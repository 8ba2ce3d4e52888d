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
 * Resumes one unfinished upload, or all to this service that nobody works on, one after the
 * other. One that fails does not keep the others from it.
 *
 * @param url Of an upload that was begun with one: the journal has no query and no user info.
 * @returns The first failure's exit code.
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
    // As it was opened then; the library refuses what it does not know.
    const format = (upload.format ?? undefined) as FormatFlag | undefined;
    // Its disk was checked when the upload began.
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

/** The token goes to no service but the one that was set or said. */
async function named(name: string, server: string, said: Where): Promise<UnfinishedTransfer> {
  const upload = await unfinishedUpload(name, said);
  if (sameServer(upload.key.server, server)) return upload;
  throw new UsageError(
    `The upload of ${name} is to another service, ${upload.key.server}.`,
    `If the token is for that one: --server ${upload.key.server}`,
  );
}

/** An upload began with a URL of which not all is kept. */
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
