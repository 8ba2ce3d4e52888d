/** One request for one part's bytes to go up. */
export interface PutRequest {
  /** A presigned URL: a password. It appears in no error of the transport. */
  readonly url: string;
  /** To be sent as they are; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the whole body. */
  readonly lengthBytes: number;
  /**
   * Returns the next bytes of the body, at least 1 and at most `mostBytes`. They do not change until `onMoved` has told that
   * they have left, or the call has settled. A promise (under a rate limit, or while they are read) holds the body back.
   * An error ends the request, which rejects with it.
   */
  next(mostBytes: number): Uint8Array | Promise<Uint8Array>;
  /** Called as bytes leave, at least once for what `next` gave. */
  onMoved(bytes: number): void;
  /** Whether a connection that has carried a request is closed first, and a new one opened. A platform may be unable to. @default false */
  readonly newConnection?: boolean;
  /** Ends the request: its connection is closed before the call rejects. */
  readonly signal: AbortSignal;
}

/** Status and headers (names in lower case) of an answer. */
export interface AnswerHead {
  /** HTTP status. */
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer to a part that was sent. */
export interface PutAnswer extends AnswerHead {
  /** Whether every byte of the body had been sent when the answer ended. If not, the answer is no receipt. */
  readonly sentAll: boolean;
  /** The body, as text, at most 64 KiB of it. */
  readonly text: string;
}

/** One request for a range, or the whole, of an image. */
export interface GetRequest {
  /** A presigned URL: a password. It appears in no error of the transport. */
  readonly url: string;
  /** To be sent as they are; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called once, before any byte. False: the body is not wanted as bytes but as the answer's text. */
  onHead(head: AnswerHead): boolean;
  /**
   * Returns memory for the next bytes of the body, at least 1 byte. It is called when bytes wait and the memory
   * before is full. The transport fills the memory from its start, until the call settles. A promise (under a
   * rate limit, or while no memory is free) holds the body back. An error ends the request, which rejects with
   * it.
   */
  into(): Uint8Array | Promise<Uint8Array>;
  /** Called as bytes come: so many more were written to that memory. */
  onMoved(bytes: number): void;
  /** Ends the request: its connection is closed before the call rejects. */
  readonly signal: AbortSignal;
}

/** The answer to a request for a range. */
export interface GetAnswer extends AnswerHead {
  /** The body where `onHead` said false, at most 64 KiB of it. */
  readonly text: string;
}

/**
 * Moves one part over HTTP, once: no retry, no deadline, no redirect followed, no credential added.
 * A lane opens one and closes it. Whatever a call settles with, its memory is no longer in use then:
 * written out and answered, or its socket closed. Rejects with TransportError, without URL or query.
 */
export interface PartTransport {
  /** Sends a part's bytes, and resolves with whatever status the store answers. */
  put(request: PutRequest): Promise<PutAnswer>;
  /** Fetches a range, and resolves with whatever status the store answers. */
  get(request: GetRequest): Promise<GetAnswer>;
  /**
   * Begins to open the connection to a server that the next request is for. Does nothing if there is one, or if that cannot
   * be done ahead. What fails is told by the request.
   *
   * @param origin Scheme, host and port.
   */
  connect?(origin: string): void;
  /** Ends the connection. Idempotent. */
  close(): Promise<void>;
}
