import { Sfc, HTTPClient } from "@img/core";
import * as errors from "@img/core/models/errors";
import { expect, test } from "vitest";

const { explainError } = errors;
const serverURL = "https://api.example.com";

/** What a call rejects with if the fetcher answers so, or throws. */
async function failure(answer: Response | Error): Promise<unknown> {
  const fetcher = async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const sfc = new Sfc({ serverURL, httpClient: new HTTPClient({ fetcher }) });
  return sfc.images.fetch({ id: "image_1" }).then(
    () => expect.fail("the call succeeded"),
    (error: unknown) => error,
  );
}

const fetchFailed = (code: string, message: string): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });

test.each([
  [
    fetchFailed("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"),
    "The service cannot be reached: connection refused (connect ECONNREFUSED 127.0.0.1:1).",
    /server runs/,
  ],
  [fetchFailed("CERT_HAS_EXPIRED", "certificate has expired"), /certificate has expired/, /clock/],
  [fetchFailed("SELF_SIGNED_CERT_IN_CHAIN", "x"), /unknown authority/, /NODE_EXTRA_CA_CERTS/],
  [
    fetchFailed("ECONNRESET", "read ECONNRESET"),
    /cannot be reached: read ECONNRESET\.$/,
    /network/,
  ],
])("a failed connection is explained by its cause: %s", async (thrown, what, advice) => {
  const told = explainError(await failure(thrown));
  expect(told.what).toMatch(what);
  expect(told.advice).toMatch(advice);
});

test.each([
  ["CERT_NOT_YET_VALID", /not valid yet/, /clock/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /for another host/, /host name/],
])(
  "a certificate's %s is explained, of the service and of the store",
  async (code, what, advice) => {
    const reached = explainError(await failure(fetchFailed(code, "x")));
    const error = Object.assign(new Error("It ended."), { code: "TRANSPORT", reason: code });
    const stored = explainError(error);
    expect(reached.what).toMatch(what);
    expect(reached.advice).toMatch(advice);
    expect(stored.what).toMatch(/^The object store cannot be reached: /);
    expect(stored.what).toMatch(what);
    expect(stored.advice).toBe(reached.advice);
  },
);

test("a connection to the store that ended otherwise is its message", () => {
  const error = Object.assign(new Error("It ended."), { code: "TRANSPORT", reason: "ECONNRESET" });
  expect(explainError(error)).toEqual({ what: "It ended.", advice: undefined });
});

test.each([
  [401, "token"],
  [404, "id"],
  [413, "proxy"],
  [429, "rate"],
  [503, "later"],
  [418, "serverURL"],
])("an answer %s has advice about the %s", async (status, word) => {
  const body = JSON.stringify({ error: { type: "api_error", message: "It is so" } });
  const answer = new Response(body, { status, headers: { "content-type": "application/json" } });
  const { what, advice } = explainError(await failure(answer));
  expect(what).not.toBe("");
  expect(what).not.toContain("\n");
  expect(advice).toContain(word);
});

test("any other error is its message, without advice", () => {
  expect(explainError(new Error("odd"))).toEqual({ what: "odd", advice: undefined });
  expect(explainError("odd")).toEqual({ what: "odd", advice: undefined });
});
