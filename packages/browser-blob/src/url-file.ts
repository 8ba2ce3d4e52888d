import type { ImageSource } from "./image-source.js";

/** A file on a web server that answers ranges, as it was when it was opened. */
export class UrlFile {
  /** Where it is read; its query may be a password. */
  readonly url: URL;
  /** As the server gave it when the file was opened. */
  readonly sizeBytes: number;
  /** A strong ETag; null if the server gives none, or the page may not see it. */
  readonly etag: string | null;
  /** Null if the server does not give it. */
  readonly lastModified: string | null;

  readonly #open: (file: UrlFile) => Promise<ImageSource>;

  /** Made by `openUrl`. */
  constructor(
    url: URL,
    sizeBytes: number,
    { headers }: Response,
    open: (file: UrlFile) => Promise<ImageSource>,
  ) {
    this.#open = open;
    this.url = url;
    this.sizeBytes = sizeBytes;
    ({ etag: this.etag, lastModified: this.lastModified } = versionOf(headers));
  }

  /** The URL without its query, which may be a password: `https://example.com/disk.img?…`. */
  get name(): string {
    return labelOf(this.url);
  }

  /** The last part of the URL's path: `disk.img`. */
  get fileName(): string {
    return fileNameOf(this.url);
  }

  /** Opens it for an upload. */
  open(): Promise<ImageSource> {
    return this.#open(this);
  }
}

/** The version of the file, as an answer's headers give it. */
export function versionOf(headers: Headers): Pick<UrlFile, "etag" | "lastModified"> {
  const etag = headers.get("etag");
  const isStrong = etag !== null && !etag.startsWith("W/");
  return { etag: isStrong ? etag : null, lastModified: headers.get("last-modified") };
}

/** For people, and for the journal: a query may be a password. */
export const labelOf = ({ origin, pathname, search }: URL): string =>
  origin + pathname + (search === "" ? "" : "?…");

export function fileNameOf({ pathname }: URL): string {
  const last = pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // the escaped bytes are not UTF-8
  }
}
