import type { ListPartsCommandOutput } from "@aws-sdk/client-s3";
import { answerOf } from "./store-answer.js";
import type { Bucket } from "./bucket.js";

/** A part that has arrived. */
export interface ArrivedPart {
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  /** Unix milliseconds, by the store's clock. */
  readonly arrivedMs: number;
}

export interface JoinedObject {
  readonly bytes: number;
  readonly etag: string;
  /** Unix milliseconds, by the store's clock. */
  readonly joinedMs: number;
}

/** The large objects of a bucket, made of parts that clients send to presigned URLs. */
export interface Uploads {
  /** Starts an upload. @returns The upload's id. */
  start(key: string): Promise<string>;
  /** Lists the parts by their numbers; undefined if that upload is over. */
  parts(key: string, uploadId: string): Promise<readonly ArrivedPart[] | undefined>;
  /**
   * Joins the parts. Use `find` to see whether it worked: the answer may be lost, or another server may have
   * been first.
   */
  join(key: string, uploadId: string, parts: readonly ArrivedPart[]): Promise<void>;
  find(key: string): Promise<JoinedObject | undefined>;
  /** Ends an upload and removes its parts. An upload that is over already is not an error. */
  abort(key: string, uploadId: string): Promise<void>;
  /** Deletes an object. A missing one is not an error. */
  delete(key: string): Promise<void>;
  /** Lists the uploads that were started and are not over. */
  list(prefix: string): AsyncIterable<{ key: string; uploadId: string; startedMs: number }>;
  partUrl(key: string, uploadId: string, part: number, at: SignedAt): Promise<string>;
  downloadUrl(key: string, at: SignedAt): Promise<string>;
}

export interface SignedAt {
  readonly nowMs: number;
  readonly ttlSec: number;
}

export function bucketUploads(bucket: Bucket): Uploads {
  const { sdk, client, name: Bucket, keyOf } = bucket;
  const nameOf = (key: string) => ({ Bucket, Key: keyOf(key) });
  return {
    async start(key) {
      const settings = { ...nameOf(key), ContentType: "application/octet-stream" };
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(settings));
      if (UploadId === undefined) throw new Error("The store has started an upload without an id.");
      return UploadId;
    },
    parts: (key, uploadId) => arrivedParts(bucket, key, uploadId),
    async join(key, UploadId, parts) {
      const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
      await client.send(
        new sdk.CompleteMultipartUploadCommand({
          ...nameOf(key),
          UploadId,
          MultipartUpload: { Parts },
        }),
      );
    },
    find: (key) => joinedObject(bucket, key),
    abort: (key, uploadId) => abort(bucket, key, uploadId),
    async delete(key) {
      await client.send(new sdk.DeleteObjectCommand(nameOf(key)));
    },
    list: (prefix) => unfinishedUploads(bucket, prefix),
    partUrl(key, UploadId, PartNumber, at) {
      const command = new sdk.UploadPartCommand({ ...nameOf(key), UploadId, PartNumber });
      return bucket.getSignedUrl(bucket.signing, command, validity(at));
    },
    downloadUrl: (key, at) =>
      bucket.getSignedUrl(bucket.signing, new sdk.GetObjectCommand(nameOf(key)), validity(at)),
  };
}

const validity = ({ nowMs, ttlSec }: SignedAt) => ({
  expiresIn: ttlSec,
  signingDate: new Date(nowMs),
});

async function joinedObject(
  { sdk, client, name: Bucket, keyOf }: Bucket,
  key: string,
): Promise<JoinedObject | undefined> {
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: keyOf(key) }));
    const joinedMs = head.LastModified?.getTime() ?? 0;
    return { bytes: head.ContentLength ?? 0, etag: head.ETag ?? "", joinedMs };
  } catch (error) {
    if (answerOf(error)?.status === 404) return undefined;
    throw error;
  }
}

async function arrivedParts(
  { sdk, client, name: Bucket, keyOf }: Bucket,
  key: string,
  UploadId: string,
): Promise<readonly ArrivedPart[] | undefined> {
  const settings = { Bucket, Key: keyOf(key), UploadId };
  const parts: ArrivedPart[] = [];
  try {
    // The SDK's paginator never ends if a store returns a marker after the last page, as Ceph does.
    for (let marker: string | undefined, more = true; more;) {
      const command = new sdk.ListPartsCommand({ ...settings, PartNumberMarker: marker });
      const page: ListPartsCommandOutput = await client.send(command);
      marker = page.NextPartNumberMarker;
      more = page.IsTruncated === true && marker !== undefined;
      for (const { PartNumber = 0, Size = 0, ETag = "", LastModified } of page.Parts ?? []) {
        const arrivedMs = LastModified?.getTime() ?? 0;
        parts.push({ number: PartNumber, bytes: Size, etag: ETag, arrivedMs });
      }
    }
  } catch (error) {
    if (isUploadOver(error)) return undefined;
    throw error;
  }
  return parts.sort((a, b) => a.number - b.number);
}

/** Whether an upload was joined or aborted. Ceph answers that there is no such key. */
export const isUploadOver = (error: unknown): boolean =>
  ["NoSuchUpload", "NoSuchKey"].includes(answerOf(error)?.code ?? "");

async function abort({ sdk, client, name: Bucket, keyOf }: Bucket, key: string, UploadId: string) {
  const settings = { Bucket, Key: keyOf(key), UploadId };
  try {
    await client.send(new sdk.AbortMultipartUploadCommand(settings));
  } catch (error) {
    if (answerOf(error)?.status !== 404) throw error;
  }
}

async function* unfinishedUploads({ sdk, client, name: Bucket, keyOf }: Bucket, prefix: string) {
  const start = keyOf("").length;
  let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined =
    {};
  while (next) {
    const settings = { Bucket, Prefix: keyOf(prefix), ...next };
    const page: Awaited<ReturnType<typeof listUploads>> = await listUploads(settings);
    for (const { Key = "", UploadId = "", Initiated } of page.Uploads ?? []) {
      const startedMs = Initiated?.getTime() ?? 0;
      yield { key: Key.slice(start), uploadId: UploadId, startedMs };
    }
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    next = page.IsTruncated === true && KeyMarker ? { KeyMarker, UploadIdMarker } : undefined;
  }

  function listUploads(settings: { Bucket: string; Prefix: string }) {
    return client.send(new sdk.ListMultipartUploadsCommand(settings));
  }
}
