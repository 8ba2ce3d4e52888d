// The web names that this package needs and every supported runtime has: Node, browsers, Deno, Bun, workers.
// Only the compiler reads this file. It keeps platform types out and is not published.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
