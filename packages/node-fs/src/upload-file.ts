import { basename } from "node:path";
import {
  closing,
  upload,
  uploadStream,
  streamSource,
  type Source,
  type UploadResult,
  type UploadStreamOptions,
} from "@img/transfer";
import { checkBeforeUpload } from "./check-image.js";
import type { ServiceOptions } from "./client.js";
import type { ByteStream } from "./files/byte-streams.js";
import { openImageSource } from "./files/image-source.js";
import { imageDigest, sourceDigest } from "./hashing/reading-digest.js";
import { journalsOf } from "./journals/journal-store.js";
import type { Machine } from "./machine.js";
import { taskOn } from "./platform.js";
import { expectedOfDisk, sha256OfFile } from "./source-sha256.js";
import { tracedTransfer } from "./tracing.js";
import type { UploadImageOptions, UploadSourceOptions } from "./upload.js";

/** `upload` of a file. */
export async function uploadFile(
  path: string,
  options: UploadImageOptions,
  machine: Machine,
): Promise<UploadResult> {
  const { name = basename(path), onDisk } = options;
  const task = taskOn(machine, options, {
    journals: journalsOf(options, machine.disk),
    openDigest: () => imageDigest(source, machine.digests),
  });
  const source = await openImageSource(path, options);
  const uploading = async (): Promise<UploadResult> => {
    if (source.sizeBytes !== null && source.description !== null) onDisk?.(source.description);
    await checkBeforeUpload(source, options);
    const expectedSha256 = await expectedOfDisk(source, options, () =>
      sha256OfFile(source, options.signal),
    );
    return upload({ ...task, name, source }, { ...options, expectedSha256 });
  };
  return closing(source, () => tracedTransfer({ operation: "upload", image: name }, uploading));
}

/** `upload` of a source of the caller's own. */
export async function uploadOwnSource(
  source: Source,
  options: UploadSourceOptions,
  machine: Machine,
): Promise<UploadResult> {
  const { name } = options;
  const task = taskOn(machine, options, {
    journals: journalsOf(options, machine.disk),
    openDigest: () => sourceDigest(source, machine.digests),
  });
  return tracedTransfer({ operation: "upload", image: name }, () =>
    upload({ ...task, name, source }, options),
  );
}

/** `upload` of a stream. */
export async function uploadBytes(
  bytes: ByteStream,
  options: UploadStreamOptions &
    ServiceOptions & { readonly name: string; readonly label?: string | undefined },
  machine: Machine,
): Promise<UploadResult> {
  const { name, label } = options;
  const task = taskOn(machine, options);
  const stream = streamSource(bytes, label);
  try {
    return await tracedTransfer({ operation: "upload", image: name }, () =>
      uploadStream({ ...task, name, stream }, options),
    );
  } finally {
    stream.close();
  }
}
