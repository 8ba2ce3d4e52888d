import type { SfcCore } from "@img/core/core.js";
import {
  checkIdOrName,
  download,
  findImage,
  type DownloadOptions,
  type DownloadResult,
} from "@img/transfer";
import { closing } from "./closing.js";
import { serviceOf } from "./client.js";
import { checkFileTarget, openFileSink, partPathOf } from "./file-sink.js";
import { realFileSystem } from "./file-system.js";
import { journalBeside } from "./journal-store.js";
import { nodePlatform } from "./platform.js";
import { threadsOf, type ThreadOptions } from "./threads.js";

/** Of {@link downloadImage}. */
export interface DownloadImageOptions extends DownloadOptions, ThreadOptions {
  /** @default One made from `SFC_SERVER_URL` and `SFC_BEARER_AUTH`. */
  readonly client?: SfcCore | undefined;
  /** Whether a regular file at the target may be replaced. Links and folders never are. @default false */
  readonly overwrite?: boolean | undefined;
  /** Whether runs of zeros become holes, where the disk can have them. @default true */
  readonly sparse?: boolean | undefined;
}

/**
 * Downloads an image to a file. Until it is whole and verified it stands beside the target, as
 * `PATH.img-part`; if it is interrupted, the same call goes on.
 *
 * @param idOrName An image's id, or else the name of a live image.
 * @param path The file to be made; its folder must exist.
 * @throws One of the error classes of this package, each with a `code`; or the signal's reason.
 */
export async function downloadImage(
  idOrName: string,
  path: string,
  options: DownloadImageOptions = {},
): Promise<DownloadResult> {
  const { client, overwrite = false, sparse = true, threads, ...rest } = options;
  checkIdOrName(idOrName);
  const lanesIn = threadsOf(threads);
  const service = serviceOf(client);
  await checkFileTarget(path, { overwrite }, realFileSystem);
  const platform = nodePlatform(journalBeside(partPathOf(path)), partPathOf(path), lanesIn);
  const image = await findImage({ ...service, platform }, idOrName, rest);
  const sink = await openFileSink(path, { overwrite, sparse }, realFileSystem);
  return closing(sink, () => download({ ...service, image, sink, platform }, rest));
}
