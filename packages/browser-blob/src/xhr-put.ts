import type { PutAnswer, PutRequest } from "@img/transfer";
import { networkError } from "./network-error.js";

/**
 * Sends one body, once, as a Blob: the bytes themselves are copied more often, some of it in one long task
 * of the page, and where someone watches the network (the browser's own tools, a debugger) they are copied
 * into what is told about it, which takes ten times as long as the sending.
 */
export function putOnce(request: PutRequest): Promise<PutAnswer> {
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
      // An answer that is longer may never end; what came says enough.
      resolve(answerOf(xhr, request, sent.all));
      xhr.abort();
    };
    xhr.onloadend = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    xhr.open("PUT", request.url);
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
    // Of no type, which the browser would tell the store: a presigned URL may be for none.
    xhr.send(new Blob([request.bytes as Uint8Array<ArrayBuffer>]));
  });
}

function watchSent(xhr: XMLHttpRequest, request: PutRequest): { all: boolean } {
  const { length } = request.bytes;
  const sent = { all: false };
  let movedBytes = 0;
  const moved = ({ loaded }: ProgressEvent): void => {
    const more = Math.min(loaded, length) - movedBytes;
    movedBytes += more;
    if (movedBytes === length) sent.all = true;
    if (more > 0) request.onMoved(more);
  };
  xhr.upload.onprogress = moved;
  xhr.upload.onload = moved;
  return sent;
}

function answerOf(xhr: XMLHttpRequest, { url }: PutRequest, sentAll: boolean): PutAnswer {
  // The browser follows redirects unasked. Where it went, nobody asked for: that is no receipt.
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
