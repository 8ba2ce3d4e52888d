import { platformFetch, type Fetcher } from "./platform-fetch.js";

/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** Of {@link HTTPClient}. */
export interface HTTPClientOptions {
  /** @default The platform's `fetch`, looked up at each call. */
  fetcher?: Fetcher | undefined;
}

/** May change the request, or give another in its place. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a hook that returns nothing is fine
export type BeforeRequestHook = (request: Request) => Awaitable<Request | undefined | void>;
/** Told of a request that got no answer, or whose response hook threw. What it throws takes the place of the error. */
export type RequestErrorHook = (error: unknown, request: Request) => Awaitable<void>;
/** Told of each answer, also of one that is an error. It must leave the body unread, or read a clone. */
export type ResponseHook = (response: Response, request: Request) => Awaitable<void>;

interface Hooks {
  beforeRequest: BeforeRequestHook;
  requestError: RequestErrorHook;
  response: ResponseHook;
}

/** Sends requests through `fetch`, with hooks around them. A hook that throws fails the request. */
export class HTTPClient {
  readonly #fetcher: Fetcher;
  readonly #hooks: { [Kind in keyof Hooks]: Hooks[Kind][] } = {
    beforeRequest: [],
    requestError: [],
    response: [],
  };

  constructor(options: HTTPClientOptions = {}) {
    this.#fetcher = options.fetcher ?? platformFetch;
  }

  /** Sends one request, once, and runs the hooks in the order in which they were added. */
  async request(request: Request): Promise<Response> {
    let current = request;
    for (const hook of [...this.#hooks.beforeRequest]) current = (await hook(current)) ?? current;
    // A hook may have taken its time, and have put another signal in.
    if (request.signal.aborted) throw request.signal.reason;
    try {
      const response = await this.#fetcher(current);
      for (const hook of [...this.#hooks.response]) await hook(response, current);
      return response;
    } catch (error) {
      for (const hook of [...this.#hooks.requestError]) await hook(error, current);
      throw error;
    }
  }

  /** Called before a request is sent; can change it or return another, to add headers for example. */
  addHook(kind: "beforeRequest", hook: BeforeRequestHook): this;
  /** Called when a request got no answer, or a response hook threw. */
  addHook(kind: "requestError", hook: RequestErrorHook): this;
  /** Called when the head of an answer is there. The body is still to be read: clone it to look. */
  addHook(kind: "response", hook: ResponseHook): this;
  addHook<Kind extends keyof Hooks>(kind: Kind, hook: Hooks[Kind]): this {
    this.#of(kind).push(hook);
    return this;
  }

  /** Removes a hook that was added with `addHook`; one that wasn't is no error. */
  removeHook(kind: "beforeRequest", hook: BeforeRequestHook): this;
  removeHook(kind: "requestError", hook: RequestErrorHook): this;
  removeHook(kind: "response", hook: ResponseHook): this;
  removeHook<Kind extends keyof Hooks>(kind: Kind, hook: Hooks[Kind]): this {
    const hooks = this.#of(kind);
    const index = hooks.indexOf(hook);
    if (index >= 0) hooks.splice(index, 1);
    return this;
  }

  /** Another client with the same fetcher and hooks; what is added later is not shared. */
  clone(): HTTPClient {
    const child = new HTTPClient({ fetcher: this.#fetcher });
    child.#hooks.beforeRequest.push(...this.#hooks.beforeRequest);
    child.#hooks.requestError.push(...this.#hooks.requestError);
    child.#hooks.response.push(...this.#hooks.response);
    return child;
  }

  #of<Kind extends keyof Hooks>(kind: Kind): Hooks[Kind][] {
    if (!Object.hasOwn(this.#hooks, kind)) throw new Error(`Invalid hook type: ${kind}`);
    return this.#hooks[kind];
  }
}
