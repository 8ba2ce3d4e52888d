import { readSync } from "node:fs";
import {
  headOf,
  type HttpAnswer,
  type HttpConnection,
  type HttpRequest,
} from "./http-connection.js";

/** The file that is served. */
export interface Blob {
  readonly fd: number;
  readonly sizeBytes: number;
}

const xml = { "content-type": "application/xml" };
const pieceBytes = 1024 * 1024;

/** An object store in the style of S3 that discards what it is sent, and serves one file, also by ranges. */
export function answerStore(
  request: HttpRequest,
  connection: HttpConnection,
  blob: Blob,
): HttpAnswer | null {
  switch (request.method) {
    case "PUT":
      return { status: 200, headers: { etag: '"bench-part"' } };
    case "POST":
      return { status: 200, headers: xml, body: multipartAnswer(request.target) };
    case "GET":
    case "HEAD":
      serve(request, connection, blob);
      return null;
    default:
      return { status: 405 };
  }
}

function multipartAnswer(target: string): string {
  const [what, rest] = /[?&]uploads\b/.test(target)
    ? ["InitiateMultipartUploadResult", "<UploadId>u1</UploadId>"]
    : ["CompleteMultipartUploadResult", '<ETag>"bench-1"</ETag>'];
  return `<?xml version="1.0"?><${what}><Bucket>b</Bucket><Key>k</Key>${rest}</${what}>`;
}

function serve({ method, range }: HttpRequest, { socket }: HttpConnection, blob: Blob): void {
  const [start, end] = rangeOf(range, blob.sizeBytes);
  const headers: Record<string, string> = {
    "accept-ranges": "bytes",
    etag: '"bench"',
    "content-length": String(end + 1 - start),
  };
  if (range !== null) headers["content-range"] = `bytes ${start}-${end}/${blob.sizeBytes}`;
  socket.write(headOf(range === null ? 200 : 206, headers));
  if (method === "HEAD") return;
  let at = start;
  const turns = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
  const next = (): void => {
    if (at > end || socket.destroyed) return;
    const buffer = turns.reverse()[0]!;
    const readBytes = readSync(blob.fd, buffer, 0, Math.min(pieceBytes, end + 1 - at), at);
    at += readBytes;
    socket.write(buffer.subarray(0, readBytes), next);
  };
  next();
}

function rangeOf(range: string | null, sizeBytes: number): [start: number, end: number] {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  const last = asked?.[2] === undefined || asked[2] === "" ? sizeBytes - 1 : Number(asked[2]);
  return [Number(asked?.[1] ?? 0), Math.min(last, sizeBytes - 1)];
}
