import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesReinstate } from "@img/core/funcs/images-reinstate.js";
import { imagesRevoke } from "@img/core/funcs/images-revoke.js";
import type { ImageListEntry } from "@img/core/models";
import { downloadCommand } from "./download-command.js";
import type { MenuItem } from "./menu.js";
import { confirmed } from "./question.js";
import { serverURL, type Session } from "./session.js";
import { copy, tell } from "./toast.js";

/** The actions for an image of the list. */
export interface ImageActions {
  download(image: ImageListEntry): unknown;
  /** Returns the menu of an image, which also exists if it cannot be downloaded. */
  menu(image: ImageListEntry): readonly MenuItem[];
}

export const isDownloadable = ({ uploadStatus }: ImageListEntry): boolean =>
  uploadStatus === "completed";

/** Makes the actions. @param changed Called after an image was changed or deleted. */
export function imageActions(
  session: Session,
  download: ImageActions["download"],
  changed: (image: ImageListEntry) => unknown,
): ImageActions {
  const menu = (image: ImageListEntry): readonly MenuItem[] => [
    ...(isDownloadable(image)
      ? [
          { text: "Download", do: () => download(image) },
          {
            text: "Copy “img download …”",
            do: () => copy(downloadCommand(serverURL, image), "the command"),
          },
        ]
      : []),
    { text: "Copy name", do: () => copy(image.name, "the name") },
    { text: "Copy id", do: () => copy(image.id, "the id") },
    ...revokeItems(session, image, changed),
    {
      text: "Delete…",
      isDangerous: true,
      do: () => deleteIfConfirmed(session, image, changed),
    },
  ];
  return { download, menu };
}

function revokeItems(
  { preview }: Session,
  image: ImageListEntry,
  changed: (image: ImageListEntry) => unknown,
): MenuItem[] {
  const { id, name, uploadStatus } = image;
  const item = (text: string, call: typeof imagesRevoke, done: string): MenuItem => ({
    text,
    do: async () => {
      const { error } = await call(preview, { id });
      if (error !== undefined) throw error;
      tell(`${done} ${name}`);
      await changed(image);
    },
  });
  if (uploadStatus === "revoked") return [item("Reinstate", imagesReinstate, "Reinstated")];
  return uploadStatus === "completed" ? [item("Revoke", imagesRevoke, "Revoked")] : [];
}

async function deleteIfConfirmed(
  { client }: Session,
  image: ImageListEntry,
  changed: (image: ImageListEntry) => unknown,
): Promise<void> {
  const { id, name } = image;
  const isSure = await confirmed({
    title: `Delete ${name}?`,
    text: "New nodes cannot boot from it any more. This cannot be undone.",
    yes: "Delete",
    no: "Keep it",
  });
  if (!isSure) return;
  const { error } = await imagesDelete(client, { id });
  if (error !== undefined) throw error;
  tell(`Deleted ${name}`);
  await changed(image);
}
