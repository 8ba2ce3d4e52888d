import type { ImageListEntry } from "@img/core/models";
import { clientOf } from "../settings/client.js";
import { formatAge } from "../report/durations.js";
import { eachImage } from "./find-image.js";
import type { CommonFlags } from "../settings/common-options.js";
import { printEvent, printText } from "../report/output.js";
import { readSettings } from "../settings/settings.js";
import { Table } from "../report/table.js";
import { UsageError } from "../failure/usage-error.js";
import { publicWorkspace } from "../settings/workspace.js";

export interface ListFlags extends CommonFlags {
  readonly limit?: number;
  readonly deleted?: boolean;
  readonly public?: boolean;
}

/** Prints one's images: a table, or an object a line. */
export async function listImages(flags: ListFlags): Promise<void> {
  const workspace = flags.public ? publicWorkspace : flags.workspace;
  const client = await clientOf(await readSettings({ ...flags, workspace }));
  if (flags.deleted && client.apiVersion === "preview") {
    throw new UsageError(
      "The preview version of the API lists no deleted images.",
      "Leave out --deleted, or the workspace to use version v2.",
    );
  }
  const rows = new ImageRows(flags);
  const most = flags.limit ?? Infinity;
  const request = { includeDeleted: flags.deleted, limit: pageSize(most) };
  for await (const image of eachImage(client, request)) {
    if (rows.count >= most) break;
    printEvent(flags, image);
    rows.add(image);
    if (rows.count >= most) break;
  }
  if (rows.count === 0) printText(flags, flags.public ? "There are no public images." : noImage);
  else rows.print();
}

const pageSize = (most: number): number => Math.max(1, Math.min(200, most));

/** Rows that are printed a page at a time, so that a long list shows at once and takes no memory. */
class ImageRows {
  readonly #flags: ListFlags;
  readonly #table = new Table(header);
  #waiting: string[][] = [];
  count = 0;

  constructor(flags: ListFlags) {
    this.#flags = flags;
  }

  add(image: ImageListEntry): void {
    this.count++;
    this.#waiting.push(rowOf(image));
    if (this.#waiting.length >= mostRows) this.print();
  }

  print(): void {
    const lines = this.#table.lines(this.#waiting);
    this.#waiting = [];
    for (const line of lines) printText(this.#flags, line);
  }
}

const mostRows = 200;
const noImage = "No image is there. To upload one: img upload FILE";
const header = ["NAME", "ID", "STATUS", "CREATED", "SHA256"];

function rowOf({ name, id, uploadStatus, createdAt, sha256 }: ImageListEntry): string[] {
  const age = formatAge(Date.now() / 1000 - createdAt);
  return [name, id, uploadStatus, age, sha256?.slice(0, 12) ?? "-"];
}
