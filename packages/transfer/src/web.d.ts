// The web names that this package needs, and that every runtime it is meant for has: Node, browsers,
// Deno, Bun, workers. Only the compiler reads this file; it keeps platform types out and is not published.

interface EventListenerOptions {
  once?: boolean;
}
interface AbortSignal {
  readonly aborted: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as every runtime types it
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: EventListenerOptions): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare const AbortController: { new (): AbortController };
interface URL {
  readonly protocol: string;
  readonly origin: string;
  readonly host: string;
  readonly username: string;
  readonly password: string;
}
declare const URL: { new (url: string, base?: string): URL; canParse(url: string): boolean };
declare const TextEncoder: { new (): { encode(text: string): Uint8Array<ArrayBuffer> } };
declare const TextDecoder: {
  new (label?: string, options?: { fatal?: boolean }): { decode(bytes: Uint8Array): string };
};
declare function btoa(bytes: string): string;
declare const crypto: { randomUUID(): string };

// Named by the types of @img/core.
interface Headers {
  get(name: string): string | null;
}
interface Response {
  readonly headers: Headers;
}
interface Request {
  readonly url: string;
}
