import type { SfcCore } from "@img/core/core.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import type { ImageListEntry } from "@img/core/models";
import { NotFoundError } from "@img/core/models/errors";
import { imageIdPattern, imageNamePattern } from "@img/core/wire";
import { UsageError } from "./usage-error.js";

/** No image has this id or name. */
export class NoSuchImageError extends Error {
  readonly code = "IMAGE_NOT_FOUND";
  constructor(idOrName: string) {
    super(`No image has the id or name "${idOrName}".`);
  }
}

/**
 * An image by its id, or else by its name.
 *
 * @throws {NoSuchImageError} There is none.
 * @throws What the client threw.
 */
export async function findImage(client: SfcCore, idOrName: string): Promise<ImageListEntry> {
  const found = (await findById(client, idOrName)) ?? (await findByName(client, idOrName));
  if (found === null) throw new NoSuchImageError(idOrName);
  return found;
}

export async function findById(client: SfcCore, id: string): Promise<ImageListEntry | null> {
  checkIdOrName(id);
  if (!imageIdPattern.test(id)) return null;
  const answer = await imagesFetch(client, { id });
  if (answer.ok) return answer.value;
  if (answer.error instanceof NotFoundError) return null;
  throw answer.error;
}

/** The live image of this name, whatever its state. */
export async function findByName(client: SfcCore, name: string): Promise<ImageListEntry | null> {
  checkIdOrName(name);
  for await (const image of eachImage(client, {})) if (image.name === name) return image;
  return null;
}

/** All of one's images, newest first; pages are asked for as they are wanted. */
export async function* eachImage(
  client: SfcCore,
  request: { readonly includeDeleted?: boolean; readonly limit?: number },
): AsyncGenerator<ImageListEntry> {
  for await (const page of await imagesList(client, { limit: 200, ...request })) {
    if (!page.ok) throw page.error;
    yield* page.value.result.data;
  }
}

function checkIdOrName(given: string): void {
  if (imageIdPattern.test(given) || imageNamePattern.test(given)) return;
  throw new UsageError(
    `"${given}" is neither an image's id nor a name.`,
    "A name has 1 to 255 letters, digits, '.', '_' and '-', and begins with a letter or digit.",
  );
}
