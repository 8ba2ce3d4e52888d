import type { Writable } from "node:stream";
import type { WritableStream } from "node:stream/web";
import { realFileSystem } from "@img/files";
import {
  checkIdOrName,
  closing,
  download,
  downloadedAlready,
  downloadStream,
  findImage,
  InvalidOptionError,
  type AlreadyTask,
  type DownloadResult,
  type TransferEvent,
} from "@img/transfer";
import type { DownloadImageOptions, DownloadToStreamOptions } from "./download.js";
import { streamSink } from "./files/byte-streams.js";
import { openFileSink } from "./files/file-sink.js";
import { openFileSource } from "./files/file-source.js";
import { checkFileTarget, isWholeFile, partPathOf } from "./files/file-target.js";
import type { LowSpace } from "./files/room.js";
import { WorkerDigest } from "./hashing/digest.js";
import { journalBeside } from "./journals/journal-store.js";
import type { Machine } from "./machine.js";
import { taskOn } from "./platform.js";
import { tracedTransfer } from "./tracing.js";

/** `download` to a file. */
export async function downloadFile(
  idOrName: string,
  path: string,
  options: DownloadImageOptions,
  machine: Machine,
): Promise<DownloadResult> {
  const { overwrite = false, sparse = true, ifExists = "fail", requireSpace } = options;
  if (!["fail", "accept-same", "verify"].includes(ifExists)) {
    throw new InvalidOptionError("ifExists", ifExists, "one of fail, accept-same, verify");
  }
  const partPath = partPathOf(path);
  const task = taskOn(machine, options, {
    journals: journalBeside(partPath, machine.disk),
    openDigest: () => new WorkerDigest(partPath, machine.digests),
  });
  checkIdOrName(idOrName, task.client);
  const mayBeThere = ifExists !== "fail" && (await isWholeFile(path, realFileSystem));
  if (!mayBeThere) await checkFileTarget(path, { overwrite }, realFileSystem);
  return tracedTransfer({ operation: "download", image: idOrName }, async () => {
    const image = await findImage(task, idOrName, options);
    const found = mayBeThere ? await sameFile({ ...task, image }, path, options, machine) : null;
    if (found !== null) return found;
    const onLowSpace = (space: LowSpace): void => {
      options.onEvent?.(lowSpaceEvent(space));
      options.onLowSpace?.(space);
    };
    const making = { overwrite, sparse, requireSpace, onLowSpace };
    const sink = await openFileSink(path, making, realFileSystem);
    return closing(sink, () => download({ ...task, image, sink }, options));
  });
}

const lowSpaceEvent = ({ neededBytes, freeBytes }: LowSpace): TransferEvent => ({
  v: 1,
  event: "warning",
  code: "LOW_SPACE",
  message: `The image may need ${neededBytes} bytes, but the disk has ${freeBytes} free. Zeros are left out, so it may fit.`,
});

/** Returns the result for the file at the target if it is the image already; else null. */
async function sameFile(
  task: Omit<AlreadyTask, "file">,
  path: string,
  options: DownloadImageOptions,
  { digests }: Machine,
): Promise<DownloadResult | null> {
  const file = await openFileSource(path);
  const openDigest = () => new WorkerDigest(file.path, digests);
  const platform = { ...task.platform, openDigest };
  return closing(file, () => downloadedAlready({ ...task, file, platform }, options));
}

/** `download` into a stream. */
export async function downloadBytes(
  idOrName: string,
  output: Writable | WritableStream<Uint8Array>,
  options: DownloadToStreamOptions,
  machine: Machine,
): Promise<DownloadResult> {
  const task = taskOn(machine, options);
  checkIdOrName(idOrName, task.client);
  return tracedTransfer({ operation: "download", image: idOrName }, async () => {
    const image = await findImage(task, idOrName, options);
    const out = streamSink(output, options.label);
    try {
      return await downloadStream({ ...task, image, out }, options);
    } finally {
      out.close();
    }
  });
}
