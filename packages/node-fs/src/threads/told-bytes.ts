/** Bytes that are told in one message. */
const tellBytes = 256 * 1024;
/** They wait no longer than this to be told, so that a slow link is seen to move. */
const tellAfterMs = 100;

/** Tells of received bytes now and then: a message for each piece would cost more than the bytes. */
export class ToldBytes {
  readonly #tell: (bytes: number) => void;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (bytes: number) => void) {
    this.#tell = tell;
  }

  moved(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= tellBytes) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), tellAfterMs);
  }

  /** Tells of what has not been told yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#bytes > 0) this.#tell(this.#bytes);
    this.#bytes = 0;
  }
}
