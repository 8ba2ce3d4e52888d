// The web names that this package needs, and that every runtime it is meant for has: Node, browsers,
// Deno, Bun, workers. Only the compiler reads this file; it keeps platform types out and is not published.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
