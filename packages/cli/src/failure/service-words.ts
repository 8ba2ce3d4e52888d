import { before, text } from "./error-text.js";
import { exitCode, type ExitCode } from "./exit-code.js";

export const getToken =
  "Set SFC_BEARER_AUTH, or token_command in the configuration, to a valid token.";
export const checkServer = "Check the address (SFC_SERVER_URL), the network, and: img doctor";
export const checkAddress = "Is SFC_SERVER_URL the address of the Images API?";

/** The client speaks of its own options. */
export function asSetting(error: unknown): string {
  return asSentence(
    before("\n", error)
      .replace("`serverURL`", "The server's address")
      .replace("`bearerAuth`", "SFC_BEARER_AUTH")
      .replace(/; use https: or set `allowInsecureHttp`$/, ""),
  );
}

export function settingHint(error: unknown): string {
  const message = before("\n", error);
  if (message.startsWith("`bearerAuth`")) return getToken;
  return message.includes("allowInsecureHttp")
    ? "Use https:, or allow it with --allow-insecure-http."
    : "Set SFC_SERVER_URL, --server, or server in the configuration.";
}

/** In the words of whoever typed the address; what is not known stays as it was said. */
export function unreachable(error: unknown): string {
  const message = inPlainWords(before("\n", error));
  const [, host] = /ENOTFOUND (\S+)/.exec(message) ?? [];
  const [, at] = /ECONNREFUSED (\S+)/.exec(message) ?? [];
  if (host !== undefined) return `The service cannot be reached: nobody knows the host ${host}.`;
  if (at !== undefined)
    return `The service cannot be reached: nothing listens on ${at} (ECONNREFUSED).`;
  return asSentence(`The service cannot be reached: ${message}`);
}

export function unreachableHint(error: unknown): string {
  return before("\n", error).includes("certificate")
    ? "If the server is yours, trust its certificate: NODE_EXTRA_CA_CERTS=FILE.pem"
    : checkServer;
}

/** Without what only its makers need of a message of Node and OpenSSL. */
export function inPlainWords(message: string): string {
  return message
    .replace("Unable to make request: ", "")
    .replace(/[\dA-F]+:error:[\dA-F]+:[^:]*:[^:]*:([^:]+):\S+:\d+:\s*/g, "$1")
    .replace("wrong version number", "what answers speaks no TLS. Is it http: rather than https:?")
    .replace(/\?\.$/, "?");
}

export const asSentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Any status that another try may mend. */
export function passing(error: unknown): ExitCode | undefined {
  const status = Number(text(error, "statusCode"));
  if (status === 401 || status === 403) return exitCode.notAuthorized;
  if (status === 404) return exitCode.notFound;
  return status >= 500 || status === 408 || status === 429 ? exitCode.tryAgain : undefined;
}
