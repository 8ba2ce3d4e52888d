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
  | { readonly lane: number; readonly do: "open"; readonly window: SharedArrayBuffer }
  | { readonly lane: number; readonly do: "close" }
  | (OfTurn & ToTurn);

export type ToTurn =
  | {
      readonly do: "put";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Shared memory, which the thread sends from. */
      readonly bytes: Uint8Array;
    }
  | {
      readonly do: "get";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** So many bytes may go next. */
  | { readonly do: "grant"; readonly bytes: number }
  /** A half of the window is free again. */
  | { readonly do: "free"; readonly half: number }
  | { readonly do: "abort" };

export type FromThread = { readonly lane: number; readonly is: "closed" } | (OfTurn & FromTurn);

export type FromTurn =
  /** How many bytes may go, of these that are left? */
  | { readonly is: "wanting"; readonly leftBytes: number }
  | { readonly is: "moved"; readonly bytes: number }
  | { readonly is: "head"; readonly head: AnswerHead }
  /** A half of the window is filled so far. */
  | { readonly is: "filled"; readonly half: number; readonly lengthBytes: number }
  | { readonly is: "answered"; readonly answer: AnswerHead | PutAnswer }
  | ({ readonly is: "failed" } & Ended);

/** What a TransportError tells. */
export interface Ended {
  readonly reason: string;
  readonly staleSocket: boolean;
  readonly through: string | null;
}

/** Of each half of a lane's window. */
export const halfBytes: number = 256 * 1024;

/** Received bytes wait no longer than this to be told, so that a slow link is seen to move. */
export const tellAfterMs = 100;
