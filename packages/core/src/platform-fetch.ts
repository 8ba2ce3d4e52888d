/** Has the signature of the platform's `fetch`. */
export type Fetcher = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The platform's `fetch`, looked up at each call. */
export const platformFetch: Fetcher = (input, init) =>
  // Bun drops a request's own method and headers where a second argument is there, even undefined.
  init === undefined ? fetch(input) : fetch(input, init);
