import type { Api } from "./api.js";
import { kept } from "../promises/kept.js";
import { ImageChangedError, ImageSizeError } from "../errors.js";
import { limits } from "../plan.js";
import type { Attempt } from "../request/persist.js";
import { checkPresignedUrl } from "./answers.js";

/** What the service says of a complete image. */
export interface ImageFacts {
  readonly sizeBytes: number;
  /** 64 lower-case hex digits; null where the service tells none. */
  readonly sha256: string | null;
}

/** The presigned URL that all lanes of a download share, minted again when it was refused. */
export class ImageUrl {
  readonly #api: Api;
  readonly #server: string;
  readonly #imageId: string;
  #current: Promise<string> | null = null;
  #facts: ImageFacts | null = null;

  constructor(api: Api, server: string, imageId: string) {
    this.#api = api;
    this.#server = server;
    this.#imageId = imageId;
  }

  /** @param refused The URL that the store refused. If another lane has replaced it already, no call is made. */
  async take(signal: AbortSignal, refused?: string): Promise<string> {
    const seen = this.#current;
    const current = await seen;
    const isGood = current !== null && current !== refused;
    // Several lanes may come with the same refused URL: the first one replaces it for all.
    if (this.#current === null || (!isGood && this.#current === seen)) {
      this.#current = kept(this.#mint(signal));
    }
    return this.#current;
  }

  /** Returns a function that gives each try of one request its URL: a new one if the last was refused. */
  forTries(signal: AbortSignal): (attempt: Attempt) => Promise<string> {
    let last: string | undefined;
    return async ({ first }) =>
      (last = await this.take(signal, first === "mint" ? last : undefined));
  }

  /** Size and digest, from the first call on. */
  async facts(signal: AbortSignal): Promise<ImageFacts> {
    await this.take(signal);
    return this.#facts!;
  }

  async #mint(signal: AbortSignal): Promise<string> {
    try {
      const { url, size, sha256 } = await this.#api.within(signal).downloadUrl(this.#imageId);
      checkPresignedUrl(url, this.#server);
      checkSize(size, this.#imageId);
      this.#keep({ sizeBytes: size, sha256: sha256.toLowerCase() || null });
      return url;
    } catch (error) {
      this.#current = null;
      throw error;
    }
  }

  #keep(facts: ImageFacts): void {
    const before = (this.#facts ??= facts);
    if (before.sizeBytes !== facts.sizeBytes || before.sha256 !== facts.sha256) {
      throw new ImageChangedError("the service tells another size or digest than before");
    }
  }
}

/** @throws {ImageSizeError} No image has this size. */
function checkSize(sizeBytes: number, imageId: string): void {
  if (sizeBytes >= 1 && sizeBytes <= limits.maxImageBytes) return;
  throw new ImageSizeError(sizeBytes, imageId);
}
