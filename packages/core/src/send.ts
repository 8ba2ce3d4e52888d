import { maxBodyBytes, type Answer } from "./answer.js";
import {
  ConnectionError,
  HTTPClientError,
  InvalidRequestError,
  UnexpectedClientError,
} from "./client-errors.js";
import { withDeadline } from "./deadline.js";
import { logRequest, logResponse } from "./debug-log.js";
import { clientError } from "./failure.js";
import { pathOf, type Operation, type OperationInput } from "./operations.js";
import type { ResolvedCall, ResolvedClient } from "./options.js";
import { readBody } from "./read-body.js";
import type { Redact } from "./redact.js";

/** One call with everything that is known before the first try. */
export interface Call extends ResolvedCall {
  readonly client: ResolvedClient;
  readonly operation: Operation<unknown>;
  readonly input: OperationInput;
  /** Every token that was used so far, for `redact` to know. */
  readonly tokens: Set<string>;
  readonly redact: Redact;
}

/** What came of one try. */
export type Tried =
  | { readonly answer: Answer; readonly error?: never }
  | {
      readonly answer?: never;
      readonly error: HTTPClientError;
      readonly request?: Request | undefined;
    };

/** Sends a call once; twice where the answer is 401 and the `bearerAuth` function has another token. */
export async function sendOnce(call: Call): Promise<Tried> {
  let request: Request | undefined;
  const exchange = async (token: string | undefined, signal: AbortSignal) => {
    // The token may have been long in coming, and a fetcher may not look at its signal.
    if (signal.aborted) throw signal.reason as HTTPClientError;
    request = createRequest(call, token, signal);
    return send(call, request, signal);
  };
  try {
    const answer = await withDeadline(call.signal, call.timeoutMs, async (signal) => {
      const token = await currentToken(call);
      const first = await exchange(token, signal);
      if (first.response.status !== 401 || typeof call.client.bearerAuth !== "function")
        return first;
      const fresh = await currentToken(call);
      return fresh === token ? first : exchange(fresh, signal);
    });
    return { answer };
  } catch (error) {
    return { request, error: clientError(error, call.redact) };
  }
}

async function send(call: Call, request: Request, signal: AbortSignal): Promise<Answer> {
  const { client, operation, input, redact } = call;
  const logger = client.debugLogger;
  if (logger) logRequest(logger, request, bodyOf(input), redact);
  const response = await client.httpClient.request(request);
  const body = await readBody(response, maxBodyBytes(operation, response.status), signal).catch(
    (error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw new ConnectionError("The answer broke off", { cause: error, redact });
    },
  );
  if (logger) logResponse(logger, request, response, body, redact);
  return { request, response, body };
}

/** The token without `Bearer`; undefined where there is none. */
async function currentToken({ client, tokens, redact }: Call): Promise<string | undefined> {
  const given = client.bearerAuth;
  let token: unknown;
  try {
    token = typeof given === "function" ? await given() : given;
  } catch (error) {
    throw new UnexpectedClientError("The `bearerAuth` function failed", { cause: error, redact });
  }
  if (token === undefined || token === null) return undefined;
  const bare = typeof token === "string" ? token.trim().replace(/^bearer\s+/i, "") : "\0";
  // `Headers` would say which value it doesn't take.
  if (!/^[\x20-\x7e]*$/.test(bare)) {
    throw new InvalidRequestError("`bearerAuth` must be text that a header can hold");
  }
  if (bare) tokens.add(bare);
  return bare || undefined;
}

function createRequest(call: Call, token: string | undefined, signal: AbortSignal): Request {
  const body = bodyOf(call.input);
  try {
    return new Request(urlOf(call), {
      ...call.fetchOptions,
      method: call.operation.method,
      headers: headersOf(call, token, body !== null),
      body,
      redirect: "manual",
      signal,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/"[^"]*"/g, '"…"') : "";
    throw new InvalidRequestError(`\`fetchOptions\` make no request: ${call.redact(why)}`);
  }
}

function headersOf(call: Call, token: string | undefined, hasBody: boolean): Headers {
  const headers = new Headers({ accept: "application/json" });
  if (hasBody) headers.set("content-type", "application/json");
  if (token) headers.set("authorization", `Bearer ${token}`);
  if (call.client.userAgent) headers.set("user-agent", call.client.userAgent);
  new Headers(call.headers).forEach((value, name) => headers.set(name, value));
  const credentials = headers.get("authorization")?.replace(/^\S+\s+/, "");
  if (credentials) call.tokens.add(credentials);
  return headers;
}

function urlOf({ baseURL, client, operation, input }: Call): URL {
  const url = new URL(baseURL);
  url.pathname += pathOf(operation, input, client.apiVersion);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    for (const one of [value].flat()) query.append(name, String(one));
  }
  url.search = query.toString();
  return url;
}

function bodyOf(input: OperationInput): string | null {
  return input.body === undefined ? null : JSON.stringify(input.body);
}
