/**
 * The client of the Images API: its operations over `fetch`, as methods of {@link Sfc} or as
 * functions from `@img/core/funcs/images-*.js` that take an `SfcCore` and throw nothing.
 *
 * The surface is that of the vendor's SDK: code written for it runs with its import line changed.
 * Errors come from `@img/core/models/errors`, models from `@img/core/models`. Codes and classes of
 * errors, names and import paths stay; messages may change. Image bytes never pass through here: the
 * operations hand out URLs, and `@img/transfer` moves the bytes.
 */
export {
  HTTPClient,
  type Awaitable,
  type BeforeRequestHook,
  type HTTPClientOptions,
  type RequestErrorHook,
  type ResponseHook,
} from "./http-client.js";
export type { Fetcher } from "./platform-fetch.js";
export { ServerList } from "./options.js";
export type { ApiVersion } from "./api-version.js";
export type { RequestOptions, SDKOptions } from "./options.js";
export { Images } from "./images.js";
export { Sfc } from "./sfc.js";
