import { SourceUnusableError } from "@img/transfer";
import { labelOf } from "./url-file.js";

/** @throws {SourceUnusableError} It is no URL of a web server, or has a user name or a password in it. */
export function checkUrl({ protocol, username, password }: URL): void {
  if (protocol !== "https:" && protocol !== "http:") {
    throw new SourceUnusableError(`A URL must begin with https: or http:, not with ${protocol}`);
  }
  if (username !== "" || password !== "") {
    throw new SourceUnusableError("The URL has a user name or a password in it.", {
      advice: "Leave them out.",
    });
  }
}

/**
 * Asks for a range once. A single range needs no preflight, and with it the browser asks for bytes that are not
 * packed on their way. Resolves with 200, 206 or 416.
 *
 * @throws {UrlTroubleError} What may pass: no answer, 429 or 5xx.
 * @throws {SourceUnusableError} Any other status.
 */
export async function askUrl(url: URL, range: string, signal: AbortSignal): Promise<Response> {
  const answer = await answered(url, range, signal);
  const { status } = answer;
  if (status === 200 || status === 206 || status === 416) return answer;
  await answer.body?.cancel();
  const message = `${labelOf(url)} cannot be read: its server answers ${status}.`;
  if (status === 429 || status >= 500) throw new UrlTroubleError(message);
  throw new SourceUnusableError(message, { advice: "Check the URL; it may have expired." });
}

/** What may pass when it is tried again. */
export class UrlTroubleError extends SourceUnusableError {}

async function answered(url: URL, range: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { Range: range },
      signal,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (cause) {
    signal.throwIfAborted();
    // The browser does not tell a page which of the two it is.
    throw new UrlTroubleError(
      `This page cannot read ${labelOf(url)}: ${url.host} cannot be reached, or does not allow other sites to read it (CORS).`,
      { advice: "Download the file and choose it, or run: img upload URL", cause },
    );
  }
}
