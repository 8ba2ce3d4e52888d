import { resolveClient, type ResolvedClient, type SDKOptions } from "./options.js";

/**
 * What the standalone functions need: where the API is and how to talk to it. Make one and pass it
 * around. It keeps its options to itself, so that a printed client shows no token.
 */
export class SfcCore {
  readonly #client: ResolvedClient;

  /** @throws {InvalidRequestError} `serverURL` can't be used. */
  constructor(options: SDKOptions = {}) {
    this.#client = resolveClient(options);
  }

  /** @internal */
  static optionsOf(core: SfcCore): ResolvedClient {
    return core.#client;
  }
}
