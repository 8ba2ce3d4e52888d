import type { ImageUploadResponse } from "@img/core/models";
import { UnsafeUrlError } from "../errors.js";

/** How an answer differs from what was asked for, as a clause; null if it does not. */
export type Wrong = string | null;

/** Checks the image of an answer by its id. An image that was asked for by path, name or old id has another id. */
export function otherImage(image: { readonly id: string }, asked: string): Wrong {
  if (image.id === asked || !asked.startsWith("image_")) return null;
  return `it was asked about image ${asked}, and answered about image ${image.id}`;
}

/** Checks the image of an answer by its name. @param asked Null if the service chooses it. */
export function otherName(image: { readonly name: string }, asked: string | null): Wrong {
  if (asked === null || image.name === asked) return null;
  return `it was asked about the name "${asked}", and answered about "${image.name}"`;
}

/** Checks an image that was just created: it must accept parts. */
export function notCreated(image: ImageUploadResponse): Wrong {
  const { uploadStatus } = image;
  const isOver = ["completed", "failed", "revoked"].includes(uploadStatus);
  return isOver ? `it was to create an image, and answered with one that is ${uploadStatus}` : null;
}

/** Whether an image is known to be incomplete. An unknown status may be one of complete images. */
export const isUnfinished = ({ uploadStatus }: ImageUploadResponse): boolean =>
  uploadStatus === "started" || uploadStatus === "uploading" || uploadStatus === "failed";

/** Whether the service says that an image has this digest. */
export const hasDigest = (image: ImageUploadResponse, sha256: string): boolean =>
  image.sha256?.toLowerCase() === sha256;

/** Remembers which part each URL was handed out for: two parts with the same URL would overwrite each other. */
export class UrlOwners {
  readonly #owners = new Map<string, number>();

  /** Assigns the URL to a part. Returns what is wrong if another part has it. */
  claim(url: string, part: number): Wrong {
    const place = placeOf(url);
    const owner = this.#owners.get(place) ?? part;
    this.#owners.set(place, owner);
    return owner === part ? null : `it handed out the same URL for parts ${owner} and ${part}`;
  }
}

/** Returns where a URL leads. An S3 URL names the part; two signatures of it differ, but lead to the same place. */
function placeOf(url: string): string {
  const number = /[?&]partNumber=(\d+)/.exec(url)?.[1];
  return number === undefined ? url : `${url.slice(0, url.indexOf("?"))}?${number}`;
}

/**
 * Checks a presigned URL before it is used. The message tells nothing of it but its scheme.
 *
 * @param server The API's own URL: what came over https may not be followed to http.
 * @throws {UnsafeUrlError} Not http(s), less safe than the API, or with user info.
 */
export function checkPresignedUrl(url: string, server: string): void {
  if (!URL.canParse(url)) throw new UnsafeUrlError("it cannot be read");
  const { protocol, username, password } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") {
    throw new UnsafeUrlError(`its scheme is ${protocol}`);
  }
  if (protocol === "http:" && new URL(server).protocol === "https:") {
    throw new UnsafeUrlError("it is http: while the service is https:");
  }
  if (username !== "" || password !== "") throw new UnsafeUrlError("it has user info");
}
