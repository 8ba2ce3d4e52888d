import { imagesCompleteUpload } from "@img/core/funcs/images-complete-upload.js";
import { imagesDelete } from "@img/core/funcs/images-delete.js";
import { imagesDownload } from "@img/core/funcs/images-download.js";
import { imagesFetch } from "@img/core/funcs/images-fetch.js";
import { imagesListPage } from "@img/core/funcs/images-list-page.js";
import { imagesStartUpload } from "@img/core/funcs/images-start-upload.js";
import { imagesUploadPart } from "@img/core/funcs/images-upload-part.js";
import type { SfcCore } from "@img/core/core.js";
import type { ImageDownloadResponse, ImageUploadResponse } from "@img/core/models";
import { ImageGoneError, ImageNotReadyError, WrongAnswerError } from "../errors.js";
import { notCreated, otherImage, otherName, type UrlOwners, type Wrong } from "./answers.js";
import { ask, type Send } from "./ask.js";
import { ListEnd } from "./list-end.js";
import { persist, type Outcome } from "../request/persist.js";
import type { Run } from "../run/run.js";
import { imagePathIn } from "../workspace.js";

/** A presigned URL and until when it may be used. */
export interface MintedUrl {
  readonly url: string;
  readonly expiresAtSec: number;
}

/** How a call ended that must not be repeated blindly. */
export type OnceOutcome<T> =
  | { readonly as: "done"; readonly value: T }
  /** The service refused it for good, with this status. The cause of the error is core's. */
  | { readonly as: "refused"; readonly status: number; readonly error: Error }
  /** The service refused it for now, and did nothing. */
  | { readonly as: "not-now"; readonly outcome: Outcome<never> }
  /** It may have taken effect. Look first; `outcome` is for the retry after that. */
  | { readonly as: "unknown"; readonly outcome: Outcome<never> };

/** The service as the engine sees it: core's calls, with retries that the engine owns. */
export class Api {
  readonly startOver: string;
  readonly #client: SfcCore;
  readonly #run: Run;
  readonly #signal: AbortSignal;
  /** Names that the service gave to created images in place of the requested ones, by image id. */
  readonly #ownNames: Map<string, string>;

  /** @param startOver A sentence that says how to start a new upload if the image is lost; empty in a download. */
  constructor(
    client: SfcCore,
    run: Run,
    startOver = "",
    signal: AbortSignal = run.options.signal,
    ownNames: Map<string, string> = new Map(),
  ) {
    this.#ownNames = ownNames;
    this.#client = client;
    this.#run = run;
    this.startOver = startOver;
    this.#signal = signal;
  }

  /** Returns the same API with another signal, for calls of tasks that have a signal of their own. */
  within(signal: AbortSignal): Api {
    return new Api(this.#client, this.#run, this.startOver, signal, this.#ownNames);
  }

  /** The server's time, from the `Date` of a cheap call; our own if the answer has none. */
  async serverTimeSec(): Promise<number> {
    let date = NaN;
    await this.#call("list the images", async (options) => {
      const request = { ...this.#where, limit: 1 };
      const [result, call] = await imagesListPage(this.#client, request, options).$inspect();
      date = Date.parse(call.response?.headers.get("date") ?? "");
      return result;
    });
    return Math.floor((Number.isNaN(date) ? this.#run.clock.wallMs() : date) / 1000);
  }

  /** The live image of this name in the workspace, whatever its state; the newest of several versions. */
  async findLive(name: string): Promise<ImageUploadResponse | null> {
    const path = imagePathIn(this.#run.options.workspace, name);
    return path === null ? this.#findListed(name) : this.get(path);
  }

  async #findListed(name: string): Promise<ImageUploadResponse | null> {
    const end = new ListEnd(() => this.#run.clock.monotonicMs(), this.#run.options.retryBudgetMs);
    let cursor: string | undefined;
    do {
      const after = cursor === undefined ? {} : { startingAfter: cursor };
      const request = { ...this.#where, limit: 200, ...after };
      const page = await this.#call("list the images", (options) =>
        imagesListPage(this.#client, request, options),
      );
      const found = page.data.find((image) => image.name === name);
      if (found !== undefined) return found;
      cursor = page.hasMore ? (page.cursor ?? undefined) : undefined;
      if (cursor !== undefined) end.follow(cursor);
    } while (cursor !== undefined);
    return null;
  }

  /** An image by its id or resource path; null if there is none. */
  async get(id: string): Promise<ImageUploadResponse | null> {
    return this.#call<ImageUploadResponse | null>(
      "look the image up",
      (options) => imagesFetch(this.#client, { id }, options),
      { 404: () => null },
      (image) => (image === null ? null : otherImage(image, id)),
    );
  }

  /** Deletes an image; one that is gone already is no error. */
  async delete(id: string): Promise<void> {
    await this.#call<{ readonly deleted: boolean } | null>(
      "delete the image",
      (options) => imagesDelete(this.#client, { id }, options),
      { 404: () => null },
      (answer) => (answer?.deleted === false ? `it did not delete image ${id}` : null),
    );
  }

  /** @param owners Which parts the URLs of this upload are for; the URL of another part is asked for again. */
  async partUrl(id: string, part: number, owners: UrlOwners): Promise<MintedUrl> {
    const { url, expiresAt } = await this.#call(
      `get a URL for part ${part}`,
      (options) => imagesUploadPart(this.#client, { id, body: { partId: part } }, options),
      { 404: (cause) => raise(new ImageGoneError(id, this.startOver, { cause })) },
      (answer) => owners.claim(answer.url, part),
    );
    this.#run.options.tell({ event: "url-minted", part, expiresAtSec: expiresAt });
    return { url, expiresAtSec: expiresAt };
  }

  async downloadUrl(id: string): Promise<ImageDownloadResponse> {
    const answer = await this.#call(
      "get the image's URL",
      (options) => imagesDownload(this.#client, { id }, options),
      {
        404: (cause) => raise(new ImageGoneError(id, this.startOver, { cause })),
        409: (cause) => raise(new ImageNotReadyError(id, { cause })),
      },
    );
    this.#run.options.tell({ event: "url-minted", part: null, expiresAtSec: answer.expiresAt });
    return answer;
  }

  /** @param sinceSec The time of the call, to tell its image from older ones. */
  async startOnce(name: string, sinceSec: number): Promise<OnceOutcome<ImageUploadResponse>> {
    const outcome = await this.#once(
      "start the upload",
      (options) => imagesStartUpload(this.#client, { ...this.#where, name }, options),
      notCreated,
    );
    if (outcome.as !== "done" || otherName(outcome.value, name) === null) return outcome;
    return this.#settleName(outcome.value, name, sinceSec);
  }

  /** Accepts another name for a created image, if the service tells the same name twice. */
  async #settleName(
    image: ImageUploadResponse,
    name: string,
    sinceSec: number,
  ): Promise<OnceOutcome<ImageUploadResponse>> {
    const there = await this.get(image.id);
    const isNamedSo = there !== null && [image.name, name].includes(there.name);
    if (isNamedSo && image.createdAt >= sinceSec && notCreated(there) === null) {
      this.#ownNames.set(there.id, there.name);
      return { as: "done", value: there };
    }
    const outcome = compared({ ok: true, value: image }, () => otherName(image, name));
    return outcome.ok ? { as: "done", value: image } : { as: "unknown", outcome };
  }

  async completeOnce(
    { id, name }: { readonly id: string; readonly name: string },
    sha256: string,
  ): Promise<OnceOutcome<ImageUploadResponse>> {
    return this.#once(
      "complete the upload",
      (options) => imagesCompleteUpload(this.#client, { id, body: { sha256 } }, options),
      (image) => otherImage(image, id) ?? otherName(image, this.#ownNames.get(id) ?? name),
    );
  }

  /** Makes a call that must not be repeated blindly. */
  async #once<T>(
    what: string,
    send: Send<T>,
    compare: (value: T) => Wrong,
  ): Promise<OnceOutcome<T>> {
    const outcome = compared(await ask(this.#run, this.#signal, what, send), compare);
    if (outcome.ok) return { as: "done", value: outcome.value };
    const { failure, error } = outcome;
    const isRefusal = failure.kind === "api" && failure.status >= 400 && failure.status <= 499;
    if (!isRefusal) return { as: "unknown", outcome };
    // A 401 is retried, since the token is read again.
    if ([401, 408, 429].includes(failure.status)) return { as: "not-now", outcome };
    return { as: "refused", status: failure.status, error };
  }

  /** Makes a call until it succeeds. @param onStatus What a refusal with a status means. */
  async #call<T>(
    what: string,
    send: Send<T>,
    onStatus: Readonly<Record<number, (error: unknown) => T>> = {},
    compare: (value: T) => Wrong = () => null,
  ): Promise<T> {
    return persist(this.#run, this.#signal, async () => {
      const outcome = compared(await ask(this.#run, this.#signal, what, send), compare);
      if (outcome.ok || outcome.failure.kind !== "api") return outcome;
      const meaning = onStatus[outcome.failure.status];
      return meaning === undefined ? outcome : { ok: true, value: meaning(outcome.error.cause) };
    });
  }

  /** The workspace parameter of a call; nothing if no workspace is set. */
  get #where(): { readonly workspace?: string } {
    const { workspace } = this.#run.options;
    return workspace === null ? {} : { workspace };
  }
}

/** Turns a wrong answer into an error that is retried: another try may give the right one. */
function compared<T>(outcome: Outcome<T>, compare: (value: T) => Wrong): Outcome<T> {
  const why = outcome.ok ? compare(outcome.value) : null;
  if (why === null) return outcome;
  const failure = { kind: "unreadable", why } as const;
  return { ok: false, failure, reachedBytes: 0, error: new WrongAnswerError(why) };
}

function raise(error: Error): never {
  throw error;
}
