import type { SfcCore } from "@img/core/core.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import type { ImageListEntry } from "@img/core/models";

/**
 * Returns the size of a complete image. Only the answer with its download URL has the size; the URL is dropped.
 */
export async function sizeOf(client: SfcCore, image: ImageListEntry): Promise<number | null> {
  if (image.uploadStatus !== "completed") return null;
  const answer = await imagesDownload(client, { id: image.id });
  return answer.ok ? answer.value.size : null;
}
