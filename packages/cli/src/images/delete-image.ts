import type { SfcCore } from "@img/core/core.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import type { ImageListEntry } from "@img/core/models";
import { clientOf } from "../settings/client.js";
import type { CommonFlags } from "../settings/common-options.js";
import { findById, findByName, NoSuchImageError } from "./find-image.js";
import { printEvent, printText } from "../report/output.js";
import { canAsk, isAnsweredYes } from "../report/question.js";
import { readSettings } from "../settings/settings.js";
import { DeclinedError, UsageError } from "../failure/usage-error.js";

export interface DeleteFlags extends CommonFlags {
  readonly yes?: boolean;
  readonly byName?: boolean;
  readonly byId?: boolean;
}

/** Deletes one image, after a question or with `--yes`. */
export async function deleteImage(idOrName: string, flags: DeleteFlags): Promise<void> {
  if (!flags.yes && !canAsk()) {
    throw new UsageError(
      "There is no terminal to ask on.",
      "To delete the image without a question, add --yes.",
    );
  }
  const client = await clientOf(await readSettings(flags));
  const image = await findOne(client, idOrName, flags);
  if (!flags.yes) await ask(image);
  const answer = await imagesDelete(client, { id: image.id });
  if (!answer.ok) throw answer.error;
  printEvent(flags, { event: "deleted", id: image.id, name: image.name });
  printText(flags, `Deleted ${image.name} (${image.id})`);
}

/** Finds the image to delete. Refuses an argument that is one image's id and another's name. */
async function findOne(
  client: SfcCore,
  idOrName: string,
  flags: DeleteFlags,
): Promise<ImageListEntry> {
  const byId = flags.byName ? null : await findById(client, idOrName);
  const byName = flags.byId ? null : await findByName(client, idOrName);
  if (byId !== null && byName !== null && byId.id !== byName.id) {
    throw new UsageError(
      `"${idOrName}" is the id of image "${byId.name}" and the name of ${byName.id}.`,
      "Say which one with --by-id or --by-name.",
    );
  }
  const found = byId ?? byName;
  if (found === null) throw new NoSuchImageError(idOrName);
  return found;
}

async function ask({ name, id, uploadStatus }: ImageListEntry): Promise<void> {
  const yes = await isAnsweredYes(`Delete ${name} (${id}, ${uploadStatus})?`);
  if (!yes) throw new DeclinedError("Nothing was deleted.");
}
