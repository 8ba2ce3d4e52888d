import { explainError } from "@img/core/models/errors";
import { platformCode, text } from "./error-text.js";

export const checkServer = "Check the address (SFC_SERVER_URL), the network, and: img doctor";

/** Why nothing got further, if that is that the service cannot be reached. */
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
  return text(error, "code") === "CONNECTION_FAILED" ? error : unreachableIn(error.cause);
}

/** What is wrong with a certificate, the client tells by its code; else there may be no server. */
export function byCertificate(error: unknown): string | undefined {
  const isCertificate = /CERT|ALTNAME|SIGNATURE/.test(platformCode(error));
  return isCertificate ? explainError(error).advice : checkServer;
}
