// The web names that this package needs, and that every runtime it is meant for has: Node, browsers,
// Deno, Bun, workers. Only the compiler reads this file; it keeps platform types out and is not published.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class URLSearchParams {
  append(name: string, value: string): void;
  toString(): string;
}
declare class URL {
  constructor(url: string | URL, base?: string | URL);
  readonly href: string;
  readonly host: string;
  readonly hostname: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  pathname: string;
  search: string;
  hash: string;
}

declare class Headers {
  constructor(init?: RequestInit["headers"]);
  get(name: string): string | null;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string) => void): void;
}
interface RequestInit {
  method?: string;
  headers?: [string, string][] | Record<string, string> | Headers;
  body?: string | null;
  redirect?: "error" | "follow" | "manual";
  signal?: AbortSignal | null;
}
declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit);
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
}
interface ByteReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}
declare class Response {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly body: { getReader(): ByteReader } | null;
}
declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

declare class TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
declare const performance: { now(): number };
/** A number here, an object there. */
interface Timer {
  readonly timer: never;
}
declare function setTimeout(callback: () => void, ms: number): Timer;
declare function clearTimeout(timer: Timer | undefined): void;
