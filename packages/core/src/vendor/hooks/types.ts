/**
 * The vendor's hooks of a generated SDK, as types alone: nothing here registers them. Hooks around requests are
 * `addHook` of an `HTTPClient`.
 */
import type { RetryConfig } from "../../retries.js";
import type { SDKOptions } from "../../options.js";

export type { Awaitable } from "../../http-client.js";
import type { Awaitable } from "../../http-client.js";

/** What a hook is told of the call. */
export interface HookContext {
  /** Where the API is. */
  baseURL: string | URL;
  /** The operation's name in the API's description. */
  operationID: string;
  /** Whether the call is tried again, and how. */
  retryConfig: RetryConfig;
  /** The client's options. */
  options: SDKOptions;
}

/** May change the request, or give another in its place. */
export interface BeforeRequestHook {
  /** Called before each try. */
  beforeRequest: (context: HookContext, request: Request) => Awaitable<Request>;
}

/** May change an answer that is a success. */
export interface AfterSuccessHook {
  /** Called with each answer that is a success. */
  afterSuccess: (context: HookContext, response: Response) => Awaitable<Response>;
}

/** May change an answer that is an error, or what was thrown. */
export interface AfterErrorHook {
  /** Called with each answer that is an error, and with what a fetcher threw. */
  afterError: (
    context: HookContext,
    response: Response | null,
    error: unknown,
  ) => Awaitable<{ response: Response | null; error: unknown }>;
}
