import type { ImageUploadResponse } from "@img/core/models";

/** A status that we do not know may be one that only complete images have. */
export const isUnfinished = ({ uploadStatus }: ImageUploadResponse): boolean =>
  uploadStatus === "started" || uploadStatus === "uploading" || uploadStatus === "failed";

/** Whether the service says that an image has this digest. */
export const hasDigest = (image: ImageUploadResponse, sha256: string): boolean =>
  image.sha256?.toLowerCase() === sha256;
