import { SfcCore } from "@img/core/core.js";
import { HTTPClient } from "@img/core/lib/http.js";
import { apiFetch } from "@img/node-fs/api-fetch.js";
import type { Settings } from "./settings.js";
import { TokenCommand } from "./token-program.js";

/** One call of the API, for `--verbose`. It contains no secrets. */
export interface ApiCall {
  /** The call without its query: `GET /v2/images`. */
  readonly call: string;
  /** The status, or why there was no answer. */
  readonly outcome: string;
}

/** Makes the client of a command. @throws {NoTokenError} The command that prints the token failed. */
export async function clientOf(
  settings: Settings,
  onCall?: (call: ApiCall) => void,
): Promise<SfcCore> {
  checkMemory();
  const httpClient = new HTTPClient({ fetcher: apiFetch });
  const bearerAuth = bearerOf(settings, httpClient);
  if (typeof bearerAuth === "function") await bearerAuth(); // here its error still is its own
  if (onCall !== undefined) watch(httpClient, onCall);
  return new SfcCore({
    serverURL: settings.server,
    apiVersion: settings.apiVersion,
    workspace: settings.workspace,
    bearerAuth,
    httpClient,
    userAgent: "img",
    allowInsecureHttp: settings.allowInsecureHttp,
    tryTimeoutMs: 30_000,
    retryConfig: {
      strategy: "backoff",
      backoff: { initialInterval: 300, maxInterval: 3000, exponent: 2, maxElapsedTime: 5_000 },
      retryConnectionErrors: false,
    },
  });
}

/** WebAssembly as used here: Node's types lack its constructors. */
interface WithWebAssembly {
  readonly WebAssembly: { readonly Memory: new (of: { readonly initial: number }) => object };
}

/**
 * Checks that WebAssembly can run. The HTTP parser is WebAssembly, which reserves gigabytes of addresses;
 * without them each call would fail as if the network were down.
 *
 * @throws {RangeError} There are not enough addresses, as under `ulimit -v`.
 */
function checkMemory(): void {
  const { WebAssembly } = globalThis as unknown as WithWebAssembly;
  new WebAssembly.Memory({ initial: 1 });
}

function bearerOf({ token }: Settings, httpClient: HTTPClient): string | (() => Promise<string>) {
  if (token.from === "environment") return token.token;
  const command = new TokenCommand(token.command);
  httpClient.addHook("response", (response) => {
    if (response.status === 401) command.forget();
  });
  return command.get;
}

function watch(httpClient: HTTPClient, onCall: (call: ApiCall) => void): void {
  httpClient.addHook("response", (response, request) =>
    onCall({ call: callOf(request), outcome: String(response.status) }),
  );
  httpClient.addHook("requestError", (error, request) => {
    if (request.signal.aborted) return;
    onCall({ call: callOf(request), outcome: innermost(error) });
  });
}

const callOf = (request: Request): string => `${request.method} ${new URL(request.url).pathname}`;

/** Returns the innermost message: `fetch failed` says nothing, its cause does. */
function innermost(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  const { code } = at as { code?: unknown };
  return typeof code === "string" ? code : at instanceof Error ? at.message : String(at);
}
