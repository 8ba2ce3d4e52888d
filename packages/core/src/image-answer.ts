import {
  absentIfNull,
  exactly,
  flag,
  fromWire,
  matching,
  nullable,
  seconds,
  text,
  whole,
  type Decoder,
  type Fields,
} from "./decode.js";
import type { ImageListEntry, ImageUploadResponse, ImageUploadStatus } from "./models.js";
import { imageName } from "./image-input.js";
import { imageIdPattern } from "./wire.js";

/** A digest is compared without regard to case, so either is taken from the service. */
export const anySha256: Decoder<string> = matching("64 hex digits", /^[0-9a-f]{64}$/i);

const imageFields: Fields<ImageUploadResponse> = {
  object: exactly("image"),
  id: matching('"image_" and 1 to 21 of [0-9A-Za-z_-]', imageIdPattern),
  name: imageName,
  uploadStatus: text as Decoder<ImageUploadStatus>, // open: an unlisted text is an `Unrecognized`
  sha256: nullable(anySha256),
  createdAt: seconds,
  resourcePath: absentIfNull(text),
  owner: absentIfNull(text),
  workspace: absentIfNull(text),
  workspaceId: absentIfNull(text),
  isPublic: absentIfNull(flag),
  version: absentIfNull(whole(0, Number.MAX_SAFE_INTEGER)),
  deprecatedAt: nullable(seconds),
};

/** An image, as the calls of an upload answer it. */
export const image: Decoder<ImageUploadResponse> = fromWire(imageFields);

/** An image, as all other calls answer it. */
export const imageEntry: Decoder<ImageListEntry> = fromWire({
  ...imageFields,
  provider: nullable(text),
});
