import { SourceChangedError, SourceUnusableError } from "@img/transfer";
import type { DiskFile } from "@img/disk-formats";
import { apiFetch } from "../http/api-fetch.js";
import { isPrivateHost } from "../http/private-host.js";

/** A file on a web server that answers ranges. Nothing of it stays open. */
export interface UrlFile extends DiskFile {
  /** For a person: without query and user info, which may be secrets. */
  readonly label: string;
}

const mostRedirects = 5;

/**
 * Opens a file on a web server for reading at any offset. Proxies are used as for other requests; no credentials
 * are sent.
 *
 * @throws {SourceUnusableError} The URL is not one of a web server, the server does not answer ranges or refuses, or it
 *   redirects to where it may not: from https to http, or from a public to a private address.
 */
export async function openUrlFile(url: URL, signal: AbortSignal): Promise<UrlFile> {
  checkUrl(url);
  const label = `${url.origin}${url.pathname}`;
  const { answer, at } = await followed(url, label, signal);
  const total = /^bytes 0-0\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")?.[1];
  await answer.body?.cancel();
  if (answer.status !== 206 || total === undefined) {
    throw new SourceUnusableError(`${label} cannot be read in pieces: ${answered(answer)}.`, {
      advice: "Download the file and use that.",
    });
  }
  return new OpenUrlFile(at, label, Number(total), answer.headers.get("etag"));
}

function checkUrl({ protocol, username, password }: URL): void {
  if (protocol !== "https:" && protocol !== "http:") {
    throw new SourceUnusableError(`A URL must begin with https: or http:, not with ${protocol}`);
  }
  if (username !== "" || password !== "") {
    throw new SourceUnusableError("The URL has a user name or a password in it.", {
      advice: "Leave them out.",
    });
  }
}

/** Asks for the first byte, and follows redirects. */
async function followed(
  url: URL,
  label: string,
  signal: AbortSignal,
): Promise<{ readonly answer: Response; readonly at: URL }> {
  let at = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const answer = await ask(at, label, { Range: "bytes=0-0" }, signal);
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status > 399 || location === null) return { answer, at };
    await answer.body?.cancel();
    at = await redirected(at, location, label);
  }
  throw new SourceUnusableError(`${label} redirects more than ${mostRedirects} times.`);
}

async function redirected(from: URL, location: string, label: string): Promise<URL> {
  const to = new URL(location, from);
  checkUrl(to);
  if (from.protocol === "https:" && to.protocol === "http:") {
    throw new SourceUnusableError(`${label} redirects from https to http, which is not followed.`);
  }
  const isSame = to.hostname === from.hostname;
  if (!isSame && (await isPrivateHost(to.hostname)) && !(await isPrivateHost(from.hostname))) {
    throw new SourceUnusableError(
      `${label} redirects to a private address (${to.hostname}), which is not followed.`,
    );
  }
  return to;
}

async function ask(
  url: URL,
  label: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    // With a range, `fetch` asks by itself for bytes that are not packed on their way.
    return await apiFetch(url, { headers, redirect: "manual", signal });
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as Error;
    const why = cause instanceof Error ? cause.message : (error as Error).message;
    throw new SourceUnusableError(`${label} cannot be reached: ${why}`, { cause: error });
  }
}

const answered = ({ status }: Response): string =>
  status === 200 ? "the server does not answer ranges" : `the server answers ${status}`;

class OpenUrlFile implements UrlFile {
  readonly label: string;
  readonly sizeBytes: number;
  readonly #url: URL;
  /** Null if the server tells none, or a weak one, which says nothing of the bytes. */
  readonly #etag: string | null;

  constructor(url: URL, label: string, sizeBytes: number, etag: string | null) {
    this.#url = url;
    this.label = label;
    this.sizeBytes = sizeBytes;
    this.#etag = etag?.startsWith('"') ? etag : null;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    if (into.length === 0) return;
    const last = offset + into.length - 1;
    const ifMatch = this.#etag === null ? {} : { "If-Match": this.#etag };
    const headers = { Range: `bytes=${offset}-${last}`, ...ifMatch };
    const answer = await ask(this.#url, this.label, headers, signal);
    const range = `bytes ${offset}-${last}/${this.sizeBytes}`;
    if (answer.status !== 206 || answer.headers.get("content-range") !== range) {
      await answer.body?.cancel();
      throw this.#unexpected(answer);
    }
    await fill(into, answer, this.label);
  }

  #unexpected(answer: Response): Error {
    const isOther = answer.status === 412 || answer.status === 206 || answer.status === 416;
    if (isOther) return new SourceChangedError(`${this.label} is another file than before`);
    return new SourceUnusableError(`${this.label} can no longer be read: ${answered(answer)}.`);
  }
}

/** Takes exactly as many bytes as there is room for: a server may send more, or less. */
async function fill(into: Uint8Array, answer: Response, label: string): Promise<void> {
  let at = 0;
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
    if (at + piece.length > into.length) break;
    into.set(piece, at);
    at += piece.length;
  }
  if (at !== into.length) {
    throw new SourceUnusableError(`${label} has sent another number of bytes than it said.`);
  }
}
