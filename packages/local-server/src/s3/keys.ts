/**
 * What is where in the bucket.
 *
 * - `records/ID`: the image's record; what it says is true, whatever stands elsewhere.
 * - `names/ACCOUNT/NAME`: whose the name is. Never deleted: an image that is deleted loses it to the next.
 * - `live/ACCOUNT/ID`, `deleted/ACCOUNT/ID`: for lists only. A crash may leave one that its record belies.
 * - `unsettled/ID`: the image is open, or its bytes are to be removed; what the sweep looks at.
 * - `images/ID`: the bytes.
 */
export const keys = {
  record: (id: string): string => `records/${id}`,
  name: (account: string, name: string): string => `names/${account}/${name}`,
  live: (account: string, id: string = ""): string => `live/${account}/${id}`,
  deleted: (account: string, id: string = ""): string => `deleted/${account}/${id}`,
  unsettled: (id: string = ""): string => `unsettled/${id}`,
  bytes: (id: string = ""): string => `images/${id}`,
} as const;

/** In objects whose key says all. Not empty: the SDK takes an empty text for a stream of unknown length. */
export const MARK = "{}";

/** The last piece of a key: the image's id. */
export const idIn = (key: string): string => key.slice(key.lastIndexOf("/") + 1);
