import type { PutAnswer, PutRequest } from "@img/transfer";
import { networkError } from "./network-error.js";

/** Sends one body, once. */
export function putOnce(request: PutRequest, body: Blob): Promise<PutAnswer> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const sent = watchSent(xhr, request);
    const abort = (): void => xhr.abort();
    xhr.onabort = () => reject(signal.reason as Error);
    xhr.onerror = () => reject(networkError());
    xhr.onload = () => resolve(answerOf(xhr, request, sent.all));
    xhr.onprogress = ({ loaded }) => {
      if (loaded <= mostText) return;
      // A longer answer may never end, and its beginning is enough.
      resolve(answerOf(xhr, request, sent.all));
      xhr.abort();
    };
    xhr.onloadend = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    xhr.open("PUT", request.url);
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
    // The Blob has no type, because the browser would send it, and a presigned URL may be signed without one.
    xhr.send(body);
  });
}

function watchSent(xhr: XMLHttpRequest, request: PutRequest): { all: boolean } {
  const sent = { all: false };
  let movedBytes = 0;
  const moved = ({ loaded }: ProgressEvent): void => {
    const more = Math.min(loaded, request.lengthBytes) - movedBytes;
    movedBytes += more;
    if (movedBytes === request.lengthBytes) sent.all = true;
    if (more > 0) request.onMoved(more);
  };
  xhr.upload.onprogress = moved;
  xhr.upload.onload = moved;
  return sent;
}

function answerOf(xhr: XMLHttpRequest, { url }: PutRequest, sentAll: boolean): PutAnswer {
  // The browser follows redirects by itself. An answer from another URL is not a receipt.
  const redirected = xhr.responseURL !== "" && xhr.responseURL !== new URL(url).href;
  return {
    status: redirected ? 307 : xhr.status,
    headers: headersOf(xhr.getAllResponseHeaders()),
    sentAll,
    text: xhr.responseText.slice(0, mostText),
  };
}

const mostText = 64 * 1024;

function headersOf(lines: string): Record<string, string> {
  return Object.fromEntries(
    lines.split("\r\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 1
        ? []
        : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const];
    }),
  );
}
