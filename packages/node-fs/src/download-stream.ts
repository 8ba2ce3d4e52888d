import type { Writable } from "node:stream";
import type { SfcCore } from "@img/core/core.js";
import {
  checkIdOrName,
  downloadStream as download,
  findImage,
  type DownloadResult,
  type TransferOptions,
} from "@img/transfer";
import { noJournals, streamSink } from "./files/byte-streams.js";
import { serviceOf } from "./client.js";
import { ownMachine, type Machine } from "./machine.js";
import { platformOn } from "./platform.js";
import type { ThreadOptions } from "./threads/thread-options.js";
import { tracedTransfer } from "./tracing.js";

/** Of `downloadStream`. Each has a default. */
export interface DownloadToStreamOptions extends TransferOptions, ThreadOptions {
  /** @default One made from `SFC_SERVER_URL`, `SFC_BEARER_AUTH` and `SFC_WORKSPACE`. */
  readonly client?: SfcCore | undefined;
  /** What messages call the stream. @default "the stream" */
  readonly label?: string | undefined;
}

/**
 * Downloads an image to a stream: fetched in parallel, written in order, in bounded memory. Its digest is known
 * only at the end: nothing that was written may be trusted before this resolves. A failed download cannot be
 * resumed.
 *
 * @param idOrName An image's id or, in preview, its resource path; or else the name of a live image.
 * @param out Written to and not ended: the caller does that.
 * @throws {DigestMismatchError} What was written is not what the service says.
 * @throws {DiskError} The stream failed.
 * @throws {InvalidOptionError | ImageNotFoundError | ImageNotReadyError} Nothing was written.
 * @throws {ImageChangedError | ImageGoneError} The stored image changed meanwhile.
 * @throws {NotAuthorizedError | ApiRefusedError | PartRefusedError | WrongAnswerError | UnsafeUrlError} The
 *   service or the store refuses, or answers what cannot be.
 * @throws {NoProgressError} Nothing moved for `retryBudgetMs`.
 * @throws The signal's reason.
 */
export const downloadStream = async (
  idOrName: string,
  out: Writable,
  options: DownloadToStreamOptions = {},
): Promise<DownloadResult> => downloadBytes(idOrName, out, options, ownMachine(options.threads));

/** Does what `downloadStream` does, with what the transfer may use of this machine. */
export async function downloadBytes(
  idOrName: string,
  out: Writable,
  options: DownloadToStreamOptions,
  machine: Machine,
): Promise<DownloadResult> {
  const { client, label = "the stream", ...rest } = options;
  const service = serviceOf(client, rest.workspace);
  checkIdOrName(idOrName, service.client);
  const platform = platformOn(machine, noJournals, "");
  return tracedTransfer({ operation: "download", image: idOrName }, async () => {
    const image = await findImage({ ...service, platform }, idOrName, rest);
    const sink = streamSink(out, label);
    try {
      return await download({ ...service, image, out: sink, platform, share: machine.share }, rest);
    } finally {
      sink.close();
    }
  });
}
