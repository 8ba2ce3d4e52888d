import { ObjectError } from "../http/answer.js";
import type { Answer } from "../http/answer.js";
import { ifMatchHolds, ifRangeHolds, parseRange } from "../http/byte-range.js";
import type { ByteRange } from "../http/byte-range.js";
import type { Call } from "../http/call.js";
import type { CompletedImage } from "../images/image.js";
import { MAX_PART_BYTES, MAX_PART_NUMBER } from "../images/parts.js";
import { BadDigestError, NoSuchUploadError, StoreFullError } from "./image-bytes.js";
import type { ImageBytes } from "./image-bytes.js";
import type { UrlSigner } from "./presign.js";

export interface ObjectApi {
  /** Answers a call, or throws an ObjectError. */
  handle(call: Call, operation: "part" | "download"): Promise<Answer>;
}

/** Answers the presigned URLs of a folder. */
export function objectApi(bytes: ImageBytes, signer: UrlSigner, nowSec: () => number): ObjectApi {
  return {
    async handle(call, operation) {
      requireSignature(call, signer, nowSec());
      return operation === "part" ? putPart(bytes, call) : getImage(bytes, call);
    },
  };
}

function requireSignature(call: Call, signer: UrlSigner, nowSec: number): void {
  // As on S3, a URL is for one method. HEAD is allowed too, since it asks for less than the GET that was
  // signed.
  const method = call.method === "HEAD" ? "GET" : call.method;
  const verdict = signer.check(method, call.path, call.query, nowSec);
  if (verdict === "expired") throw new ObjectError(403, "AccessDenied", "Request has expired");
  if (verdict === "forged")
    throw new ObjectError(403, "AccessDenied", "The signature is not valid");
}

async function putPart(bytes: ImageBytes, call: Call): Promise<Answer> {
  try {
    const md5 = await bytes.put({
      id: call.id,
      number: requirePartNumber(call.partNumber),
      declaredBytes: requireLength(call),
      wantedMd5: readContentMd5(call),
      body: call.body,
    });
    return { status: 200, headers: { ETag: `"${md5}"`, "Content-Length": "0" }, body: "" };
  } catch (error) {
    throw asObjectError(error);
  }
}

function requirePartNumber(number: number): number {
  if (number <= MAX_PART_NUMBER) return number;
  throw new ObjectError(400, "InvalidArgument", `Part numbers go from 1 to ${MAX_PART_NUMBER}`);
}

function requireLength(call: Call): number {
  const text = call.headers["content-length"];
  if (text === undefined)
    throw new ObjectError(411, "MissingContentLength", "Send a Content-Length");
  if (Number(text) <= MAX_PART_BYTES) return Number(text);
  throw new ObjectError(400, "EntityTooLarge", `A part has at most ${MAX_PART_BYTES} bytes`);
}

/** Reads the announced MD5. @returns 32 hex digits. */
function readContentMd5(call: Call): string | undefined {
  const text = call.headers["content-md5"];
  if (text === undefined) return undefined;
  const md5 = Buffer.from(String(text), "base64");
  if (md5.length === 16) return md5.toString("hex");
  throw new ObjectError(400, "InvalidDigest", "Content-MD5 must be an MD5 in base64");
}

function asObjectError(error: unknown): unknown {
  if (error instanceof NoSuchUploadError)
    return new ObjectError(404, "NoSuchUpload", error.message);
  if (error instanceof BadDigestError) return new ObjectError(400, "BadDigest", error.message);
  if (error instanceof StoreFullError)
    return new ObjectError(507, "InsufficientStorage", error.message);
  return error;
}

async function getImage(bytes: ImageBytes, call: Call): Promise<Answer> {
  const image = bytes.find(call.id);
  if (image === undefined) throw new ObjectError(404, "NoSuchKey", "There is no such image");
  const { etag, imageBytes } = image.state;
  if (!ifMatchHolds(call.headers["if-match"], etag)) {
    throw new ObjectError(412, "PreconditionFailed", "The image has another ETag");
  }
  const range = wantedRange(call, image);
  if (range === "outside") {
    const headers = { "Content-Range": `bytes */${imageBytes}` };
    throw new ObjectError(416, "InvalidRange", "The range is outside of the image", headers);
  }
  return rangeAnswer(bytes, call, image, range);
}

function wantedRange(call: Call, image: CompletedImage): ByteRange | "whole" | "outside" {
  const { etag, imageBytes } = image.state;
  // Node's type is a string: it drops a second If-Range.
  const ifRange = call.headers["if-range"];
  if (!ifRangeHolds(ifRange?.toString(), etag, lastModified(image))) return "whole";
  return parseRange(call.headers.range, imageBytes);
}

function rangeAnswer(
  bytes: ImageBytes,
  call: Call,
  image: CompletedImage,
  range: ByteRange | "whole",
): Answer {
  const { etag, imageBytes } = image.state;
  const { from, to } = range === "whole" ? { from: 0, to: imageBytes - 1 } : range;
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(to - from + 1),
    "Accept-Ranges": "bytes",
    ETag: etag,
    "Last-Modified": lastModified(image),
    ...(range !== "whole" && { "Content-Range": `bytes ${from}-${to}/${imageBytes}` }),
  };
  const body = call.method === "HEAD" ? "" : bytes.read(image, { from, to });
  return { status: range === "whole" ? 200 : 206, headers, body };
}

const lastModified = (image: CompletedImage): string =>
  new Date(image.state.completedAtSec * 1000).toUTCString();
