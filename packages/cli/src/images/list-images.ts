import type { SfcCore } from "@img/core/core.js";
import type { ImageListEntry } from "@img/core/models";
import { UsageError } from "../failure/usage-error.js";
import { formatBytes } from "../report/bytes.js";
import { formatAge } from "../report/durations.js";
import { printEvent, printText } from "../report/output.js";
import { Table } from "../report/table.js";
import { clientOf } from "../settings/client.js";
import type { CommonFlags } from "../settings/common-options.js";
import { readSettings } from "../settings/settings.js";
import { publicWorkspace } from "../settings/workspace.js";
import { eachImage } from "./find-image.js";
import { sizeOf } from "./image-size.js";

export interface ListFlags extends CommonFlags {
  readonly limit?: number;
  readonly filter?: string;
  readonly sort?: SortKey;
  readonly long?: boolean;
  readonly deleted?: boolean;
  readonly public?: boolean;
}

export type SortKey = "created" | "name" | "size";

/** An image, with its size if that was requested. */
type Listed = ImageListEntry & { readonly sizeBytes?: number | null };

/** Prints the account's images: as a table, or as one object a line. */
export async function listImages(flags: ListFlags): Promise<void> {
  const workspace = flags.public ? publicWorkspace : flags.workspace;
  const client = await clientOf(await readSettings({ ...flags, workspace }));
  if (flags.deleted && client.apiVersion === "preview") {
    throw new UsageError(
      "The preview version of the API lists no deleted images.",
      "Leave out --deleted, or the workspace to use version v2.",
    );
  }
  const { limit = Infinity, sort = "created", long = sort === "size" } = flags;
  const table = new Table([...(long ? header.toSpliced(1, 0, "SIZE") : header)]);
  let count = 0;
  for await (const page of pages(client, flags, limit)) {
    const images = sorted(long ? await withSizes(client, page) : page, sort).slice(0, limit);
    count += images.length;
    for (const image of images) printEvent(flags, { ...image, created: isoTime(image) });
    if (images.length > 0) printText(flags, ...table.lines(images.map((one) => rowOf(one, long))));
  }
  if (count === 0) printText(flags, flags.public ? "There are no public images." : noImage);
}

/**
 * Yields one page at a time, so that a long list shows at once and takes no memory; or all images as one page
 * if they are sorted.
 */
async function* pages(
  client: SfcCore,
  { deleted, filter, sort = "created" }: ListFlags,
  limit: number,
): AsyncGenerator<readonly ImageListEntry[]> {
  const isSorted = sort !== "created";
  const least = filter === undefined && !isSorted ? Math.max(1, Math.min(200, limit)) : 200;
  const isWanted = filterOf(filter);
  let page: ImageListEntry[] = [];
  let count = 0;
  for await (const image of eachImage(client, { includeDeleted: deleted, limit: least })) {
    if (!isWanted(image.name)) continue;
    page.push(image);
    if (++count >= limit && !isSorted) break;
    if (page.length < 200 || isSorted) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** Makes a filter of a pattern: with `*` and `?` it must match the whole name, else a part of it. */
function filterOf(filter: string | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  if (!/[*?]/.test(filter)) return (name) => name.includes(filter);
  const escaped = filter.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  return (name) => pattern.test(name);
}

/** Adds the sizes, a few at a time, since each is a call. */
async function withSizes(
  client: SfcCore,
  images: readonly ImageListEntry[],
): Promise<readonly Listed[]> {
  const sized: Listed[] = [];
  for (let at = 0; at < images.length; at += 8) {
    const some = images.slice(at, at + 8);
    const sizes = await Promise.all(some.map((image) => sizeOf(client, image)));
    some.forEach((image, n) => sized.push({ ...image, sizeBytes: sizes[n] ?? null }));
  }
  return sized;
}

function sorted(images: readonly Listed[], by: SortKey): readonly Listed[] {
  if (by === "created") return images; // as the service lists them
  const order =
    by === "name"
      ? (a: Listed, b: Listed) => (a.name < b.name ? -1 : 1)
      : (a: Listed, b: Listed) => (b.sizeBytes ?? -1) - (a.sizeBytes ?? -1);
  return images.toSorted(order);
}

const noImage = "No images yet. To upload one: img upload FILE";
const header = ["NAME", "STATUS", "CREATED", "ID", "SHA256"];

const isoTime = ({ createdAt }: ImageListEntry): string => new Date(createdAt * 1000).toISOString();

function rowOf(image: Listed, long: boolean): string[] {
  const { name, id, uploadStatus, createdAt, sha256, sizeBytes } = image;
  const age = formatAge(Date.now() / 1000 - createdAt);
  const row = [name, uploadStatus, age, id, sha256?.slice(0, 12) ?? "-"];
  return long ? row.toSpliced(1, 0, sizeBytes == null ? "-" : formatBytes(sizeBytes)) : row;
}
