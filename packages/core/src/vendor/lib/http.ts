export { HTTPClient } from "../../http-client.js";
export type {
  Awaitable,
  BeforeRequestHook,
  Fetcher,
  HTTPClientOptions,
  RequestErrorHook,
  ResponseHook,
} from "../../http-client.js";
export { isAbortError, isConnectionError, isTimeoutError } from "../../failure.js";
