import {
  closing,
  InvalidOptionError,
  ReadingDigest,
  streamSource,
  uploadSeekable,
  uploadStream as uploadOnce,
  type Source,
  type UploadResult,
} from "@img/transfer";
import { IndexedDbJournals, noJournals } from "./journal-store.js";
import { pageDefaults } from "./options.js";
import { pagePlatform } from "./platform.js";
import { serviceOf } from "./service.js";
import type { UploadImageOptions } from "./upload-image.js";
import { digestOf } from "./worker-digest.js";

/** Uploads a source of one's own. What an earlier run sent is read again through it only if no digest of it is kept. */
export async function uploadSource(
  source: Source,
  name: string,
  { client, ...options }: UploadImageOptions,
): Promise<UploadResult> {
  const service = serviceOf(client);
  const journals = new IndexedDbJournals({ handle: null, scope: "" });
  const platform = pagePlatform(
    journals,
    (saved) =>
      new ReadingDigest(source, digestOf({ blob: null, label: source.label }, saved), allocate),
  );
  return closing(platform, () =>
    uploadSeekable({ ...service, name, source, platform }, pageDefaults(options)),
  );
}

const allocate = (bytes: number): Uint8Array => new Uint8Array(bytes);

/** Uploads what a stream gives, without knowing its size. */
export async function uploadStream(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  { client, ifNameTaken, ...options }: UploadImageOptions,
): Promise<UploadResult> {
  if (ifNameTaken === "verify" || ifNameTaken === "accept-same") {
    const wanted = "fail or replace-unfinished for a stream, which can be read only once";
    throw new InvalidOptionError("ifNameTaken", ifNameTaken, wanted);
  }
  const service = serviceOf(client);
  const stream = streamSource(bytes);
  const platform = pagePlatform(noJournals, (saved) =>
    digestOf({ blob: null, label: stream.label }, saved),
  );
  return closing(platform, async () => {
    try {
      const given = pageDefaults({ ...options, ifNameTaken });
      return await uploadOnce({ ...service, name, stream, platform }, given);
    } finally {
      stream.close();
    }
  });
}
