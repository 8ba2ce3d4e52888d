import { fileURLToPath } from "node:url";
import { InvalidOptionError, type Source, type UploadResult } from "@img/transfer";
import type { ByteStream } from "./files/byte-streams.js";
import { expectedOfRaw } from "./source-sha256.js";
import { ownMachine, type Machine } from "./machine.js";
import { uploadFile, type UploadImageOptions } from "./upload-image.js";
import { uploadOwnSource } from "./upload-source.js";
import { uploadBytes } from "./upload-stream.js";

/**
 * What can be uploaded: a path or `file:` URL; the `https:` or `http:` URL of a file on a web server; a `Source` of your own, which can be resumed; or a `Readable`, a
 * `ReadableStream` or an async iterable of bytes, which can be read only once.
 */
export type UploadInput = string | URL | Source | ByteStream | ReadableStream<Uint8Array>;

/**
 * Uploads any input as an image: a path or URL as `uploadImage` does, a `Source` as `uploadSource`, a stream as `uploadStream`.
 * Options that only make sense for a file are ignored with the others. A source and a stream need a `name`.
 *
 * @throws {InvalidOptionError} The input is nothing that can be uploaded, or has no name and needs one.
 * @throws What the function for this kind of input throws.
 */
export const upload = async (
  input: UploadInput,
  options: UploadImageOptions = {},
): Promise<UploadResult> => uploadAny(input, options, ownMachine(options.threads));

/** Does what `upload` does, with what the transfer may use of this machine. */
export async function uploadAny(
  input: UploadInput,
  options: UploadImageOptions,
  machine: Machine,
): Promise<UploadResult> {
  if (typeof input === "string") return uploadFile(input, options, machine);
  if (input instanceof URL) {
    const file = input.protocol === "file:" ? fileURLToPath(input) : input;
    return uploadFile(file, options, machine);
  }
  const { name } = options;
  if (name === undefined) {
    throw new InvalidOptionError("name", name, "given for an input without a path");
  }
  const raw = { ...options, name, expectedSha256: expectedOfRaw(options) };
  if ("read" in input && "sizeBytes" in input) return uploadOwnSource(input, raw, machine);
  if (Symbol.asyncIterator in input) return once(input as ByteStream, name, raw, machine);
  throw new InvalidOptionError("input", input, "a path, a URL, a Source or a stream of bytes");
}

async function once(
  bytes: ByteStream,
  name: string,
  { ifNameTaken, ...options }: UploadImageOptions,
  machine: Machine,
): Promise<UploadResult> {
  if (ifNameTaken !== "verify" && ifNameTaken !== "accept-same")
    return uploadBytes(bytes, name, { ...options, ifNameTaken }, machine);
  const wanted = "fail or replace-unfinished for a stream, which can be read only once";
  throw new InvalidOptionError("ifNameTaken", ifNameTaken, wanted);
}
