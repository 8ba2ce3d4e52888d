import { SfcCore } from "@img/core/core.js";
import { InvalidOptionError } from "@img/transfer";

/** A client, and the URL of its service, which together with a name identifies an upload. */
export interface Service {
  readonly client: SfcCore;
  readonly server: string;
}

/** @throws {InvalidOptionError} The client has no server. */
export function serviceOf(client: SfcCore): Service {
  const { baseURL } = SfcCore.optionsOf(client);
  if (baseURL === undefined) {
    throw new InvalidOptionError("client", "without one", "made with a serverURL");
  }
  return { client, server: baseURL.href };
}
