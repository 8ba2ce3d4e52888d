import type { ImageUploadResponse } from "@img/core/models";

/** What of an answer is not what was asked for, as a clause; null if all of it is. */
export type Wrong = string | null;

/** An image by its id; one that was asked for by name, path or an id of the older form tells an id of its own. */
export function otherImage(image: { readonly id: string }, asked: string): Wrong {
  if (image.id === asked || !asked.startsWith("image_")) return null;
  return `it was asked about image ${asked}, and answered about image ${image.id}`;
}

/** An image by its name; null where the service was to choose one. */
export function otherName(image: { readonly name: string }, asked: string | null): Wrong {
  if (asked === null || image.name === asked) return null;
  return `it was asked about the name "${asked}", and answered about "${image.name}"`;
}

/** An image that was just created: it waits for parts. */
export function notCreated(image: ImageUploadResponse): Wrong {
  const { uploadStatus } = image;
  const isOver = ["completed", "failed", "revoked"].includes(uploadStatus);
  return isOver ? `it was to create an image, and answered with one that is ${uploadStatus}` : null;
}

/** A status that we do not know may be one that only complete images have. */
export const isUnfinished = ({ uploadStatus }: ImageUploadResponse): boolean =>
  uploadStatus === "started" || uploadStatus === "uploading" || uploadStatus === "failed";

/** Whether the service says that an image has this digest. */
export const hasDigest = (image: ImageUploadResponse, sha256: string): boolean =>
  image.sha256?.toLowerCase() === sha256;

/** Which part each URL was handed out for: two parts under one URL would replace each other. */
export class UrlOwners {
  readonly #owners = new Map<string, number>();

  /** From now on the URL is this part's, unless it is another's already. */
  claim(url: string, part: number): Wrong {
    const place = placeOf(url);
    const owner = this.#owners.get(place) ?? part;
    this.#owners.set(place, owner);
    return owner === part ? null : `it handed out the same URL for parts ${owner} and ${part}`;
  }
}

/** Where a URL leads. S3's names the part; two signatures of it differ, and lead to the same place. */
function placeOf(url: string): string {
  const number = /[?&]partNumber=(\d+)/.exec(url)?.[1];
  return number === undefined ? url : `${url.slice(0, url.indexOf("?"))}?${number}`;
}
