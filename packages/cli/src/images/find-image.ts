import type { SfcCore } from "@img/core/core.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesList } from "@img/core/funcs/images-list.js";
import type { ImageListEntry } from "@img/core/models";
import type { ListImagesRequest } from "@img/core/models/operations";
import { NotFoundError } from "@img/core/models/errors";
import {
  acceptedIdPattern,
  imageNamePattern,
  imagePathPattern,
  workspacePathPattern,
} from "@img/core/wire";
import { ListEnd } from "@img/transfer";
import { UsageError } from "../failure/usage-error.js";

/** There is no image with this id or name. */
export class NoSuchImageError extends Error {
  readonly code = "IMAGE_NOT_FOUND";
  constructor(given: string) {
    const what = imagePathPattern.test(given) ? "path" : "id or name";
    super(`No image has the ${what} "${given}".`);
  }
}

/**
 * Finds an image by its id or resource path, or else by its name.
 *
 * @throws {NoSuchImageError} There is none.
 * @throws What the client threw.
 */
export async function findImage(client: SfcCore, given: string): Promise<ImageListEntry> {
  const found = (await findById(client, given)) ?? (await findByName(client, given));
  if (found === null) throw new NoSuchImageError(given);
  return found;
}

/** Finds an image by its id or resource path; null if the argument is neither, or there is no such image. */
export async function findById(client: SfcCore, given: string): Promise<ImageListEntry | null> {
  checkReference(client, given);
  return isIdOrPath(given) ? fetched(client, given) : null;
}

/** Whether the argument is an id or a resource path. */
export const isIdOrPath = (given: string): boolean =>
  acceptedIdPattern.test(given) || imagePathPattern.test(given);

async function fetched(client: SfcCore, id: string): Promise<ImageListEntry | null> {
  const answer = await imagesFetch(client, { id });
  if (answer.ok) return answer.value;
  if (answer.error instanceof NotFoundError) return null;
  throw answer.error;
}

/** Finds the image of this name that is not deleted, in any state. */
export async function findByName(client: SfcCore, name: string): Promise<ImageListEntry | null> {
  checkReference(client, name);
  if (!imageNamePattern.test(name)) return null;
  const [, account, workspace] = workspacePathPattern.exec(client.workspace ?? "") ?? [];
  if (account !== undefined) return fetched(client, `sfc:image:${account}:${workspace}:${name}`);
  for await (const image of eachImage(client)) if (image.name === name) return image;
  return null;
}

/**
 * Lists all images of the account, newest first. A page is requested when it is needed.
 *
 * @throws {WrongAnswerError} The list does not end.
 */
export async function* eachImage(
  client: SfcCore,
  request: ListImagesRequest = {},
): AsyncGenerator<ImageListEntry> {
  const end = new ListEnd();
  for await (const page of await imagesList(client, { limit: 200, ...request })) {
    if (!page.ok) throw page.error;
    const { data, hasMore, cursor } = page.value.result;
    yield* data;
    if (hasMore && cursor) end.follow(cursor);
  }
}

function checkReference({ apiVersion }: SfcCore, given: string): void {
  if (acceptedIdPattern.test(given) || imageNamePattern.test(given)) return;
  if (imagePathPattern.test(given)) {
    if (apiVersion === "preview") return;
    throw new UsageError(
      `Version v2 of the API has no resource paths such as "${given}".`,
      "Set a workspace (SFC_WORKSPACE), or add --api-version preview.",
    );
  }
  throw new UsageError(
    `"${given}" is not an image's id, name or resource path.`,
    "A name has 1 to 255 letters, digits, '.', '_' and '-', and begins with a letter or digit.",
  );
}
