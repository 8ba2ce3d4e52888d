import type { SfcCore } from "@img/core/core.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import type { ImageListEntry } from "@img/core/models";

/** The maximum that the service lists at once. */
const limit = 200;

/**
 * Lists every image of the account, newest first, a page at a time, so that the first ones show at once.
 *
 * @throws The error of the service or the connection.
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
