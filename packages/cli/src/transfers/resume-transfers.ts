import type { UnfinishedTransfer } from "@img/node-fs";
import { exitCode, type ExitCode } from "../failure/exit-code.js";
import type { FormatFlag } from "../disks/disk-options.js";
import { printText } from "../report/output.js";
import { readSettings } from "../settings/settings.js";
import {
  isThere,
  sameServer,
  unfinishedUpload,
  unfinishedUploads,
  type Where,
} from "./unfinished-uploads.js";
import { uploadFiles, type UploadFlags } from "../upload/upload-files.js";
import { UsageError } from "../failure/usage-error.js";

export type ResumeFlags = Omit<UploadFlags, "name" | "format" | "dryRun">;

/**
 * Resumes one unfinished upload, or all to this service that nobody works on, one after the
 * other. One that fails does not keep the others from it.
 *
 * @returns The first failure's exit code.
 */
export async function resumeTransfers(name: string | null, flags: ResumeFlags): Promise<ExitCode> {
  const { server } = await readSettings({ ...flags, workspace: null, apiVersion: undefined });
  const uploads =
    name === null ? await idle({ ...flags, server }) : [await named(name, server, flags)];
  if (uploads.length === 0) printText(flags, "No unfinished uploads for this server.");
  let worst: ExitCode = exitCode.done;
  for (const upload of uploads) {
    const { name, workspace } = upload.key;
    // As it was opened then; the library refuses what it does not know.
    const format = (upload.format ?? undefined) as FormatFlag | undefined;
    // Its disk was checked when the upload began.
    const itsOwn = {
      ...flags,
      name,
      workspace,
      check: "off" as const,
      ...(format !== undefined && { format }),
    };
    const code = await uploadFiles([fileOf(upload)], itsOwn, uploads.length > 1);
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

function fileOf({ key, file, damage }: UnfinishedTransfer): string {
  if (file !== null) return file;
  const why = damage ?? "It had not begun.";
  throw new UsageError(
    `The upload of ${key.name} cannot be resumed. ${why}`,
    "Forget it, and upload the file again: img transfers forget NAME",
  );
}
