import { HTTPClient, type SDKOptions } from "@img/core";
import { SfcCore } from "@img/core/core.js";
import { apiFetch } from "./http/api-fetch.js";
import { checkProxies } from "./http/proxies.js";
import { checkRuntime } from "./runtime.js";
import { checkWorkspace, InvalidOptionError } from "@img/transfer";

/** Which service is called, and by whose account. */
export interface ServiceOptions {
  /**
   * The client of the service, an `Sfc` or `SfcCore`.
   * @default made from `SFC_SERVER_URL`, `SFC_BEARER_AUTH`, `SFC_WORKSPACE` and `SFC_API_VERSION`
   */
  readonly client?: SfcCore | undefined;
}

/** A client, and the service's URL, which together with the image's name identifies an upload. */
export interface Service {
  readonly client: SfcCore;
  readonly server: string;
}

/**
 * The client that was given, or one made from `SFC_SERVER_URL` and `SFC_BEARER_AUTH`, and from
 * `SFC_WORKSPACE` and `SFC_API_VERSION` where they are set.
 *
 * @param workspace The call's own: where it has one, a client that is made speaks preview.
 * @throws {RuntimeUnsupportedError} This is not Node.
 * @throws {InvalidOptionError} There is neither, or the client has no server; or a variable for proxies
 *   names none that can be used.
 */
export function serviceOf(
  given: SfcCore | undefined,
  workspace: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Service {
  checkRuntime();
  checkProxies(env);
  const client = given ?? clientFromEnv(env, workspace);
  const { baseURL } = SfcCore.optionsOf(client);
  if (baseURL === undefined) {
    throw new InvalidOptionError("client", "without one", "made with a serverURL");
  }
  return { client, server: baseURL.href };
}

function clientFromEnv(env: NodeJS.ProcessEnv, given: string | undefined): SfcCore {
  const serverURL = required(env, "SFC_SERVER_URL", "the service's URL");
  // Read for each call, so that a renewed token is used.
  const bearerAuth = async (): Promise<string> =>
    required(env, "SFC_BEARER_AUTH", "the service's token");
  required(env, "SFC_BEARER_AUTH", "the service's token");
  return new SfcCore({
    serverURL,
    ...targetFromEnv(env, given),
    bearerAuth,
    httpClient: new HTTPClient({ fetcher: apiFetch }),
  });
}

function targetFromEnv(
  env: NodeJS.ProcessEnv,
  given: string | undefined,
): Pick<SDKOptions, "apiVersion" | "workspace"> {
  const workspace = given ?? (env["SFC_WORKSPACE"] || undefined);
  if (workspace !== undefined) {
    checkWorkspace(given === undefined ? "SFC_WORKSPACE" : "workspace", workspace);
  }
  const apiVersion = env["SFC_API_VERSION"] || (workspace === undefined ? "v2" : "preview");
  if (apiVersion === "preview") return { apiVersion, workspace };
  if (apiVersion === "v2" && workspace === undefined) return { apiVersion };
  const wanted = workspace === undefined ? "v2 or preview" : "preview where there is a workspace";
  throw new InvalidOptionError("SFC_API_VERSION", apiVersion, wanted);
}

function required(env: NodeJS.ProcessEnv, name: string, what: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new InvalidOptionError(name, value, `set to ${what}, unless a client is given`);
  }
  return value;
}
