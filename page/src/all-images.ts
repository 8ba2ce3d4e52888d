import type { SfcCore } from "@img/core/core.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import type { ImageListEntry } from "@img/core/models";

/** The most that the service lists at once. */
const limit = 200;

/**
 * Lists every image of the account, the newest first, a page at a time, so that the first ones show at once.
 *
 * @throws What the service, or the way there, did.
 */
export async function* allImages(client: SfcCore): AsyncGenerator<readonly ImageListEntry[]> {
  let startingAfter: string | undefined;
  do {
    const { value, error } = await imagesList(client, { limit, startingAfter });
    if (error !== undefined) throw error;
    const { data, cursor, hasMore } = value.result;
    yield data;
    startingAfter = hasMore ? (cursor ?? undefined) : undefined;
  } while (startingAfter !== undefined);
}
