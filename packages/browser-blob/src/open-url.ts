import { loaded, SourceUnusableError } from "@img/transfer";
import type { ImageSource } from "./image-source.js";
import { fileNameOf, labelOf, UrlFile } from "./url-file.js";
import { askUrl, checkUrl } from "./url-request.js";

/** Of `openUrl`. */
export interface OpenUrlOptions {
  /** Stops it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called while a file is fetched whole. `sizeBytes` is null if the server does not tell it. */
  readonly onFetched?: ((doneBytes: number, sizeBytes: number | null) => void) | undefined;
}

/**
 * Opens the file at a URL for `uploadImage`. The page itself fetches it, without credentials: its server has to
 * allow that (CORS). Where the server answers ranges, only what is needed is fetched, when it is needed. Where it does
 * not, all of it is fetched now, into a `File` that the browser keeps.
 *
 * @param url Of `https:` or `http:`, without a user name or a password.
 * @throws {SourceUnusableError} The page cannot read it, or the server refuses.
 */
export async function openUrl(url: URL, options: OpenUrlOptions = {}): Promise<UrlFile | File> {
  checkUrl(url);
  const signal = options.signal ?? new AbortController().signal;
  const answer = await askUrl(url, "bytes=0-", signal);
  const sizeBytes = sizeOf(answer);
  if (answer.status === 206 && sizeBytes !== null) {
    await answer.body?.cancel();
    return new UrlFile(url, sizeBytes, answer, openSource);
  }
  if (answer.status === 416) return new File([], fileNameOf(url)); // the file has no first byte, so it is empty
  return fetchedWhole(url, answer, sizeBytes, options);
}

/** What reads the file is loaded with its first upload. */
async function openSource(file: UrlFile): Promise<ImageSource> {
  const { UrlSource } = await loaded(import("./url-source.js"));
  return new UrlSource(file);
}

function sizeOf({ headers }: Response): number | null {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) ? Number(length) : null;
}

/** Larger pieces than a stream gives: a Blob of a million parts would be slow. */
const pieceBytes = 4 * 1024 * 1024;

async function fetchedWhole(
  url: URL,
  { body, headers }: Response,
  sizeBytes: number | null,
  { signal, onFetched }: OpenUrlOptions,
): Promise<File> {
  const pieces: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let [doneBytes, waitingBytes] = [0, 0];
  const pack = (): void => {
    pieces.push(new Blob(waiting)); // the browser moves large Blobs to the disk
    [waiting, waitingBytes] = [[], 0];
  };
  const reader = body?.getReader();
  for (;;) {
    const read = await reader?.read().catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw new SourceUnusableError(`${labelOf(url)} broke off after ${doneBytes} bytes.`, {
        advice: "Try it again.",
        cause,
      });
    });
    if (read?.value === undefined) break;
    waiting.push(read.value);
    waitingBytes += read.value.length;
    doneBytes += read.value.length;
    if (waitingBytes >= pieceBytes) pack();
    onFetched?.(doneBytes, sizeBytes);
  }
  pack();
  const changedMs = Date.parse(headers.get("last-modified") ?? "");
  const lastModified = Number.isNaN(changedMs) ? 0 : changedMs;
  return new File(pieces, fileNameOf(url), { lastModified });
}
