import type { ApiVersion } from "./api-version.js";
import { resolveClient, type ResolvedClient, type SDKOptions } from "./options.js";

// Not private fields: they would make the classes of the ESM and of the CommonJS build two types.
const clients = new WeakMap<SfcCore, ResolvedClient>();

/**
 * What the standalone functions need: where the API is and how to talk to it. Make one and pass it
 * around. It keeps its options to itself, so that a printed client shows no token.
 */
export class SfcCore {
  /**
   * @param options Or another client, whose options are shared.
   * @throws {InvalidRequestError} `serverURL` can't be used.
   * @throws {SDKValidationError} `apiVersion` or `workspace` can't be used.
   */
  constructor(options: SDKOptions | SfcCore = {}) {
    clients.set(
      this,
      options instanceof SfcCore ? SfcCore.optionsOf(options) : resolveClient(options),
    );
  }

  /** Which version of the API the client speaks. */
  get apiVersion(): ApiVersion {
    return SfcCore.optionsOf(this).apiVersion;
  }

  /** The workspace of the calls that name none, as it was given; undefined where there is none. */
  get workspace(): string | undefined {
    return SfcCore.optionsOf(this).workspace;
  }

  /** @internal */
  static optionsOf(core: SfcCore): ResolvedClient {
    const client = clients.get(core);
    if (client) return client;
    throw new TypeError("The client is not an SfcCore of this copy of @img/core");
  }
}
