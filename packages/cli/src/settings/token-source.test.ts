import { expect, test } from "vitest";
import { NoTokenError } from "./token-program.js";
import { tokenSource } from "./token-source.js";

const vendor = "https://api.sfcompute.com";
const own = { from: "environment", variable: "SFC_BEARER_AUTH", token: "own" };
const path = "/home/me/.config/img/config.toml";

const sourceOf = (env: NodeJS.ProcessEnv, server = vendor, file = {}): unknown =>
  tokenSource(env, file, { server, path });

const refusal = (env: NodeJS.ProcessEnv, server: string): Error => {
  try {
    sourceOf(env, server);
  } catch (error) {
    if (error instanceof NoTokenError) return error;
  }
  throw new Error("A token was found");
};

test("SFC_BEARER_AUTH wins over everything else, on every server", () => {
  const env = { SFC_BEARER_AUTH: "own", SF_BEARER_TOKEN: "b", SF_API_KEY: "k" };
  for (const server of [vendor, "http://127.0.0.1:1"]) {
    expect(sourceOf(env, server, { tokenCommand: "pass" })).toEqual(own);
  }
});

test("the tokens of the vendor's command are used on the vendor's server, where nothing else is set", () => {
  const bearer = { from: "environment", variable: "SF_BEARER_TOKEN", token: "b" };
  const key = { from: "environment", variable: "SF_API_KEY", token: "k" };
  const env = { SFC_BEARER_AUTH: "", SF_BEARER_TOKEN: "b", SF_API_KEY: "k" };
  expect(sourceOf(env)).toEqual(bearer);
  expect(sourceOf({ SF_BEARER_TOKEN: "", SF_API_KEY: "k" })).toEqual(key);
  expect(sourceOf(env, `${vendor}/`)).toEqual(bearer);
  expect(sourceOf(env, "https://API.sfcompute.com:443/path")).toEqual(bearer);
  expect(sourceOf(env, vendor, { tokenCommand: "pass" })).toEqual({
    from: "command",
    command: "pass",
  });
});

test.each([
  "http://api.sfcompute.com",
  "https://api.sfcompute.com:8443",
  "https://api.sfcompute.com.example.com",
  "https://x.api.sfcompute.com",
  "https://sfcompute.com",
  "https://api.sfcompute.com@example.com",
  "https://example.com/api.sfcompute.com",
  "http://127.0.0.1:8080",
  "api.sfcompute.com",
])("they are not sent to %s, and the error says why", (server) => {
  const error = refusal({ SF_API_KEY: "secret-key" }, server);
  expect(error.message).toBe(
    "No token is given. SF_API_KEY is sent to https://api.sfcompute.com only.",
  );
  expect(JSON.stringify(error)).not.toContain("secret-key");
});

test("no token at all says what to set", () => {
  expect(refusal({}, vendor)).toMatchObject({
    message: "No token is given.",
    advice: `Set SFC_BEARER_AUTH, or token_command in ${path}.`,
  });
});
