import type { ApiVersion, Target } from "./api-version.js";
import { flag, list, matching, Mismatch, optional, toWire, type Decoder } from "./decode.js";
import type { OperationInput } from "./operations.js";
import {
  acceptedIdPattern,
  imageNamePattern,
  imagePathPattern,
  workspaceIdPattern,
  workspacePathPattern,
} from "./wire.js";

const idForm = '"image_" and 1 to 21 of [0-9A-Za-z_-]';
const imageId = matching(idForm, acceptedIdPattern);

/** The name of a new image. */
export const imageName: Decoder<string> = matching(
  "1 to 255 characters, a letter or digit and then [a-zA-Z0-9._-]",
  imageNamePattern,
);

/** What names an image in a path: an id; in preview also a name or a resource path. */
export const imageRef = ({ apiVersion }: Target): Decoder<string> =>
  apiVersion === "v2"
    ? imageId
    : // Every id is a name, too.
      matching("an id, a name or a resource path", imageNamePattern, imagePathPattern);

/** The same without the name, which the call has no use for. */
export const imageIdOrPath = ({ apiVersion }: Target): Decoder<string> =>
  apiVersion === "v2"
    ? imageId
    : matching(`${idForm}, or a resource path`, acceptedIdPattern, imagePathPattern);

/** The input of a call that needs to know which image, and no more. */
export const imageOnly = (given: unknown, target: Target): OperationInput =>
  toWire<{ id: string }>({ id: imageRef(target) })(given, "");

/** The same, of a call that `v2` does not have. */
export function previewImageOnly(given: unknown, target: Target): OperationInput {
  if (target.apiVersion === "preview") return imageOnly(given, target);
  throw new Mismatch("apiVersion", '"preview", which alone has this call', undefined, '"v2"');
}

/** A field that one of the versions does not have. */
const onlyWith =
  (version: ApiVersion): Decoder<undefined> =>
  (value, path) => {
    if (value === undefined) return undefined;
    throw new Mismatch(path, `nothing (only apiVersion "${version}" has it)`, value);
  };

const workspace = matching(
  '"wksp_" and 1 to 21 of [0-9A-Za-z_-], or sfc:workspace:ACCOUNT:NAME',
  workspaceIdPattern,
  workspacePathPattern,
);

/** The workspace of a call: its own, or else the client's. */
export const workspaceOf = (target: Target): Decoder<string | undefined> =>
  target.apiVersion === "v2"
    ? onlyWith("preview")
    : (value, path) => (value === undefined ? target.workspace : workspace(value, path));

/** Deleted images are listed by v2 alone. */
export const includeDeletedOf = ({ apiVersion }: Target): Decoder<boolean | undefined> =>
  apiVersion === "v2" ? optional(flag) : onlyWith("v2");

/** The ids that a list is narrowed to. */
export const idsOf = ({ apiVersion }: Target): Decoder<string[] | undefined> =>
  apiVersion === "v2" ? onlyWith("preview") : optional(someIds);

/** None at all would ask for every image. */
const someIds: Decoder<string[]> = (value, path) => {
  const ids = list(imageId)(value, path);
  if (ids.length === 0) throw new Mismatch(path, "at least one id", value, "an empty array");
  return ids;
};
