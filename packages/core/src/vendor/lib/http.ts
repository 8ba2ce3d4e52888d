export {
  HTTPClient,
  type Awaitable,
  type BeforeRequestHook,
  type Fetcher,
  type HTTPClientOptions,
  type RequestErrorHook,
  type ResponseHook,
} from "../../http-client.js";
export { isAbortError, isConnectionError, isTimeoutError } from "../../failure.js";
