import type { Bucket } from "./bucket.js";
import { needs, StoreUnfitError } from "./store-errors.js";
import { bucketUploads } from "./uploads.js";
import type { SignedAt, Uploads } from "./uploads.js";

const BODY = "What a server tries out at its start.";
const LATE = "What comes after its upload is over.";

/**
 * Tries one small upload from its first request to its removal, as an image needs it, with the URLs that
 * clients would use.
 *
 * @throws {StoreUnfitError} A step does not work.
 */
export async function tryUploads(bucket: Bucket, key: string): Promise<void> {
  // Clients may reach the store by a name that this machine cannot resolve.
  const uploads = bucketUploads({ ...bucket, signing: bucket.client });
  const at = { nowMs: Date.now(), ttlSec: 300 };
  try {
    await tryAbort(uploads, key);
    const partUrl = await tryJoin(uploads, key, at);
    await tryDownload(uploads, key, at);
    await tryLatePart(uploads, key, partUrl, at);
  } finally {
    await uploads.delete(key).catch(() => undefined);
  }
}

async function tryAbort(uploads: Uploads, key: string): Promise<void> {
  const id = await needs("begin uploads (CreateMultipartUpload)", () => uploads.start(key));
  const isListed = async () => {
    for await (const one of uploads.list(key)) if (one.uploadId === id) return true;
    return false;
  };
  try {
    if (!(await needs("list uploads (ListMultipartUploads)", isListed))) {
      throw new StoreUnfitError("list an upload that has just begun (ListMultipartUploads)");
    }
  } catch (error) {
    await uploads.abort(key, id).catch(() => undefined);
    throw error;
  }
  await needs("abort uploads (AbortMultipartUpload)", () => uploads.abort(key, id));
}

/** Tries to join parts. @returns The part's URL, which is still valid. */
async function tryJoin(uploads: Uploads, key: string, at: SignedAt): Promise<string> {
  const id = await uploads.start(key);
  try {
    const url = await uploads.partUrl(key, id, 1, at);
    const { ok, status } = await asked(url, { method: "PUT", body: BODY });
    if (!ok) throw unfit("take a part by a presigned PUT", status);
    const parts = await needs("list the parts of an upload (ListParts)", () =>
      uploads.parts(key, id),
    );
    if (parts?.length !== 1 || parts[0]?.bytes !== BODY.length) {
      throw new StoreUnfitError("list a part that has arrived (ListParts)");
    }
    await needs("join parts (CompleteMultipartUpload)", () => uploads.join(key, id, parts));
    return url;
  } catch (error) {
    await uploads.abort(key, id).catch(() => undefined);
    throw error;
  }
}

async function tryDownload(uploads: Uploads, key: string, at: SignedAt): Promise<void> {
  const object = await needs("look at an object (HeadObject)", () => uploads.find(key));
  if (object?.bytes !== BODY.length) throw new StoreUnfitError("tell the size of an object");
  const url = await uploads.downloadUrl(key, at);
  const { ok, status, text } = await asked(url, { headers: { Range: "bytes=5-9" } });
  if (!ok) throw unfit("give an object by a presigned GET", status);
  if (status !== 206 || text !== BODY.slice(5, 10)) {
    throw new StoreUnfitError("answer a Range with that part of the object");
  }
}

async function tryLatePart(uploads: Uploads, key: string, partUrl: string, at: SignedAt) {
  await asked(partUrl, { method: "PUT", body: LATE });
  const { text } = await asked(await uploads.downloadUrl(key, at), {});
  if (text === BODY) return;
  throw new StoreUnfitError(
    "keep an object as it is when a part is sent again after its upload was completed: a presigned URL that is left over could break a completed image",
  );
}

/** Sends a request as a client does, which knows only the URL. */
async function asked(url: string, sent: RequestInit) {
  const reply = await fetch(url, { ...sent, redirect: "manual" });
  return { ok: reply.ok, status: reply.status, text: await reply.text() };
}

const unfit = (need: string, status: number) =>
  new StoreUnfitError(`${need}; it answered ${status}`);
