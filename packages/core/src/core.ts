import type { ApiVersion } from "./api-version.js";
import { resolveClient, type ResolvedClient, type SDKOptions } from "./options.js";

/**
 * What the standalone functions need: where the API is and how to talk to it. Make one and pass it
 * around. It keeps its options to itself, so that a printed client shows no token.
 */
export class SfcCore {
  readonly #client: ResolvedClient;

  /**
   * @throws {InvalidRequestError} `serverURL` can't be used.
   * @throws {SDKValidationError} `apiVersion` or `workspace` can't be used.
   */
  constructor(options: SDKOptions = {}) {
    this.#client = resolveClient(options);
  }

  /** Which version of the API the client speaks. */
  get apiVersion(): ApiVersion {
    return this.#client.apiVersion;
  }

  /** The workspace of the calls that name none, as it was given; undefined where there is none. */
  get workspace(): string | undefined {
    return this.#client.workspace;
  }

  /** @internal */
  static optionsOf(core: SfcCore): ResolvedClient {
    return core.#client;
  }
}
