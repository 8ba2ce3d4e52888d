import { HTTPClient } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { apiFetch } from "./http/api-fetch.js";
import { InvalidOptionError } from "@img/transfer";

/** A client, and the service's URL, which with a name says which upload is meant. */
export interface Service {
  readonly client: SfcCore;
  readonly server: string;
}

/**
 * The client that was given, or one made from `SFC_SERVER_URL` and `SFC_BEARER_AUTH`.
 *
 * @throws {InvalidOptionError} There is neither, or the client has no server.
 */
export function serviceOf(
  given: SfcCore | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Service {
  const client = given ?? clientFromEnv(env);
  const { baseURL } = SfcCore.optionsOf(client);
  if (baseURL === undefined) {
    throw new InvalidOptionError("client", "without one", "made with a serverURL");
  }
  return { client, server: baseURL.href };
}

function clientFromEnv(env: NodeJS.ProcessEnv): SfcCore {
  const serverURL = required(env, "SFC_SERVER_URL", "the service's URL");
  // Read at each call, so that a token that is renewed meanwhile is used.
  const bearerAuth = async (): Promise<string> =>
    required(env, "SFC_BEARER_AUTH", "the service's token");
  required(env, "SFC_BEARER_AUTH", "the service's token");
  return new SfcCore({
    serverURL,
    bearerAuth,
    httpClient: new HTTPClient({ fetcher: apiFetch }),
  });
}

function required(env: NodeJS.ProcessEnv, name: string, what: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new InvalidOptionError(name, value, `set to ${what}, unless a client is given`);
  }
  return value;
}
