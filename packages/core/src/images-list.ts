import { invalidAnswer } from "./answer.js";
import { APIPromise, type APICall } from "./api-promise.js";
import type { CallError } from "./call.js";
import type { SfcCore } from "./core.js";
import { Mismatch } from "./decode.js";
import { imagesListPage } from "./images-list-page.js";
import type { ListImagesResponse as ImageList } from "./models.js";
import type { ListImagesRequest, ListImagesResponse } from "./operation-models.js";
import type { RequestOptions } from "./options.js";
import { createPageIterator, type PageIterator, type Paginator } from "./pages.js";
import { ERR, unwrap, type Result } from "./result.js";

interface PageState {
  /** The `startingAfter` of the page after this one. */
  cursor: string;
}

/** A page, and an async iterable of it and those after it; throws what goes wrong on the way. */
export type ImagePage = PageIterator<ListImagesResponse, PageState>;

/** A page or an error, and an async iterable of it and those after it, the last of them the error. */
export type ImagePageResult = PageIterator<Result<ImagePage, CallError>, PageState>;

/** Lists one's own images, newest first, a page at a time. */
export function imagesList(
  client: SfcCore,
  request?: ListImagesRequest,
  options?: RequestOptions,
): APIPromise<ImagePageResult> {
  return new APIPromise(firstPage(client, request, options));
}

async function firstPage(
  client: SfcCore,
  request: ListImagesRequest | undefined,
  options: RequestOptions | undefined,
): Promise<[ImagePageResult, APICall]> {
  const [answered, call] = await imagesListPage(client, request, options).$inspect();
  const listed = refuseStandstill(answered, call, request);
  if (!listed.ok) return [lastPage(listed), call];
  const { cursor, hasMore } = listed.value;
  if (!cursor || !hasMore) return [pageResult(listed.value, () => null), call];
  const next = () => imagesList(client, { ...request, startingAfter: cursor }, options);
  return [pageResult(listed.value, next, cursor), call];
}

/** A cursor that points at its own page would list the same images for ever. */
function refuseStandstill(
  listed: Result<ImageList, CallError>,
  { request, response }: APICall,
  asked: ListImagesRequest | undefined,
): Result<ImageList, CallError> {
  if (!listed.ok || !response || !listed.value.hasMore) return listed;
  if (asked?.startingAfter === undefined || asked.startingAfter !== listed.value.cursor)
    return listed;
  const cause = new Mismatch("cursor", "one that leads on", undefined, "the page's own");
  return ERR(invalidAnswer({ request, response, body: "" }, cause, listed.value));
}

function pageResult(
  result: ImageList,
  next: Paginator<Result<ImagePage, CallError>>,
  cursor?: string,
): ImagePageResult {
  const state = cursor === undefined ? {} : { "~next": { cursor } };
  const page = { result, next: () => next()?.then(unwrap<ImagePage>) ?? null };
  const value: ImagePage = { ...page, ...state, [Symbol.asyncIterator]: () => bare(page) };
  const whole = { ok: true, value, next } as const;
  return { ...whole, ...state, ...createPageIterator<Result<ImagePage, CallError>>(whole, failed) };
}

function lastPage(failure: Result<never, CallError>): ImagePageResult {
  const page = { ...failure, next: () => null };
  return { ...page, ...createPageIterator<Result<ImagePage, CallError>>(page, failed) };
}

const failed = (page: Result<unknown>) => !page.ok;

/** Only what the caller wants to see of each page. */
async function* bare(
  first: ListImagesResponse & { next: Paginator<ListImagesResponse> },
): AsyncIterableIterator<ListImagesResponse> {
  for await (const { result } of createPageIterator<ListImagesResponse>(first, () => false)) {
    yield { result };
  }
}
