export {
  HTTPClient,
  type Awaitable,
  type BeforeRequestHook,
  type HTTPClientOptions,
  type RequestErrorHook,
  type ResponseHook,
} from "../../http-client.js";
export type { Fetcher } from "../../platform-fetch.js";
export { isAbortError, isConnectionError, isTimeoutError } from "../../failure.js";
