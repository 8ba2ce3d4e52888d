import { forgetUpload, fileJournals, type UnfinishedTransfer } from "@img/node-fs";
import { forgetJournal } from "@img/transfer";
import { clientOf } from "../settings/client.js";
import { printEvent, printText } from "../report/output.js";
import { canAsk, isAnsweredYes } from "../report/question.js";
import { readSettings } from "../settings/settings.js";
import type { CommonFlags } from "../settings/common-options.js";
import { sameServer, stateDirOf, rememberedUpload } from "./unfinished-uploads.js";
import { UsageError } from "../failure/usage-error.js";

export interface ForgetFlags extends CommonFlags {
  readonly force?: boolean;
  /** Whether to delete the image; undefined to ask. */
  readonly deleteImage?: boolean;
}

/**
 * Forgets one upload, and deletes its unfinished image if the user wants that.
 *
 * @throws {TransferNotFoundError} There is no upload with this name.
 * @throws {UsageError} There are several.
 */
export async function forgetTransfer(name: string, flags: ForgetFlags): Promise<void> {
  const upload = await rememberedUpload(name, flags);
  const { imageId, key, at } = upload;
  const isHalfMade = imageId !== null && at !== "completed";
  const imageDeleted = isHalfMade && (await wantsDeletion(upload, flags));
  const options = { stateDir: await stateDirOf(), force: flags.force };
  if (imageDeleted) await forgetWithImage(upload, flags, options);
  else await forgetJournal(fileJournals(options.stateDir), key, { force: flags.force ?? false });
  printEvent(flags, { event: "forgotten", name, imageId, imageDeleted });
  printText(flags, `Forgot the upload of ${name}.`);
  if (imageId === null) return;
  if (imageDeleted) printText(flags, `Deleted its unfinished image ${imageId}.`);
  else printText(flags, `Its image stays; to delete it too: img delete ${imageId}`);
}

async function wantsDeletion(
  { imageId, key, holder }: UnfinishedTransfer,
  flags: ForgetFlags,
): Promise<boolean> {
  if (flags.deleteImage !== undefined) return flags.deleteImage;
  if (holder !== null || flags.quiet || flags.json || !canAsk()) return false;
  return isAnsweredYes(`Delete its unfinished image ${imageId} on ${key.server} too?`);
}

/**
 * Forgets the upload and deletes its image. The token is sent only to the service that was configured or named.
 */
async function forgetWithImage(
  { key }: UnfinishedTransfer,
  flags: ForgetFlags,
  options: { readonly stateDir: string; readonly force: boolean | undefined },
): Promise<void> {
  const settings = await readSettings({ ...flags, workspace: key.workspace });
  if (!sameServer(settings.server, key.server)) {
    throw new UsageError(
      `The image of ${key.name} is on another service, ${key.server}.`,
      `If the token is for that one: --server ${key.server}`,
    );
  }
  const client = await clientOf(settings);
  await forgetUpload(key.name, { ...options, client, deleteImage: true });
}
