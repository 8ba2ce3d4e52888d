import { explainError } from "@img/core/models/errors";
import { platformCode, text } from "./error-text.js";

export const checkAddress = "Is SFC_SERVER_URL the address of the Images API?";
export const checkServer = "Check the address (SFC_SERVER_URL), the network, and: img doctor";

/** Returns why a transfer made no progress, if the service cannot be reached. */
export function gaveUp(error: unknown): string | undefined {
  const unreachable = unreachableIn(error);
  return unreachable === undefined
    ? undefined
    : `Gave up without progress. ${explainError(unreachable).what}`;
}

export function byUnreachable(error: unknown): string | undefined {
  const unreachable = unreachableIn(error);
  return unreachable === undefined ? undefined : byCertificate(unreachable);
}

function unreachableIn(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const code = text(error, "code");
  const isOne = code === "CONNECTION_FAILED" || (code === "TRANSPORT" && isCertificate(error));
  return isOne ? error : unreachableIn(error.cause);
}

/**
 * Explains a certificate that is not accepted. The client's code names the fault; without one there may be no
 * server.
 */
export function byCertificate(error: unknown): string | undefined {
  return isCertificate(error) ? explainError(error).advice : checkServer;
}

/** Explains that the web server of a URL cannot be reached. What has arrived is shown elsewhere. */
export function bySource(error: unknown): string | undefined {
  if (!isCertificate(error)) return "Check the URL and the network.";
  const cause = Object.assign(new Error(), { code: "TRANSPORT", reason: text(error, "reason") });
  return explainError(cause).advice;
}

/**
 * Whether the platform's code is about a certificate. An error of the store's connection has that code as its
 * reason.
 */
const isCertificate = (error: unknown): boolean =>
  /CERT|ALTNAME|SIGNATURE/.test(text(error, "reason") || platformCode(error));

/** Explains a status without an explanation, which is not an answer of the API. */
export function byStatus(error: unknown): string | undefined {
  const isPlain = /^(407|408|413|429|50[0234])$/.test(text(error, "statusCode"));
  return isPlain ? explainError(error).advice : checkAddress;
}

/** Explains what may have refused a part because of its size. */
export function tooLarge(error: unknown): string | undefined {
  return text(error, "status") === "413"
    ? "A proxy limits the size of requests. Raise its limit, or start over with smaller parts: --part-size 5M"
    : text(error, "advice") || undefined;
}
