import type { AnswerHead, PutAnswer } from "@img/transfer";

/**
 * What the engine's thread and a thread of lanes tell each other. A lane has one request at a time;
 * `turn` numbers them, so that what comes late is not taken for the next one's.
 */
interface OfTurn {
  readonly lane: number;
  readonly turn: number;
}

export type ToThread =
  | { readonly lane: number; readonly do: "open" }
  | { readonly lane: number; readonly do: "connect"; readonly origin: string }
  | { readonly lane: number; readonly do: "close" }
  | (OfTurn & ToTurn);

export type ToTurn =
  | {
      readonly do: "put";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly lengthBytes: number;
      readonly newConnection: boolean;
    }
  | {
      readonly do: "get";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** These bytes of shared memory go next. */
  | { readonly do: "send"; readonly bytes: Uint8Array }
  /** The next bytes go to this shared memory. */
  | { readonly do: "fill"; readonly bytes: Uint8Array }
  | { readonly do: "abort" };

export type FromThread = { readonly lane: number; readonly is: "closed" } | (OfTurn & FromTurn);

export type FromTurn =
  /** It asks for the next bytes, at most so many. */
  | { readonly is: "wanting"; readonly mostBytes: number }
  | { readonly is: "moved"; readonly bytes: number }
  | { readonly is: "head"; readonly head: AnswerHead }
  /** Bytes have come, and the memory for them is full, or there is none yet. */
  | { readonly is: "full" }
  | { readonly is: "answered"; readonly answer: AnswerHead | PutAnswer }
  | ({ readonly is: "failed" } & Ended);

/** What a TransportError tells. */
export interface Ended {
  readonly reason: string;
  readonly staleSocket: boolean;
  readonly through: string | null;
}
