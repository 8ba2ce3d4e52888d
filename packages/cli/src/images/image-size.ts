import type { SfcCore } from "@img/core/core.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import type { ImageListEntry } from "@img/core/models";

/** The size of a complete image; only the download's URL comes with it, and the URL itself is dropped. */
export async function sizeOf(client: SfcCore, image: ImageListEntry): Promise<number | null> {
  if (image.uploadStatus !== "completed") return null;
  const answer = await imagesDownload(client, { id: image.id });
  return answer.ok ? answer.value.size : null;
}
