/** How far a call got: answered, sent without an answer, or never sent. */
export type APICall =
  | { status: "complete"; request: Request; response: Response }
  | { status: "request-error"; request: Request; response?: undefined }
  | { status: "invalid"; request?: undefined; response?: undefined };

/** A promise of `T` that can also tell which request and response it came from. */
export class APIPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "APIPromise";
  readonly #both: Promise<[T, APICall]>;

  constructor(both: [T, APICall] | Promise<[T, APICall]>) {
    this.#both = Promise.resolve(both);
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#value().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#value().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#value().finally(onFinally);
  }

  /**
   * The value together with the last request and response, for what the value doesn't hold, such as
   * the answer's `Date`. Both are raw: the request's headers hold the token.
   */
  $inspect(): Promise<[T, APICall]> {
    return this.#both;
  }

  async #value(): Promise<T> {
    return (await this.#both)[0];
  }
}
