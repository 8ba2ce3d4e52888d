import { TransportError } from "@img/transfer";

/** The browser does not tell pages more. */
export const networkError = (): TransportError =>
  new TransportError(
    navigator.onLine
      ? "no connection, or the store does not allow this page (CORS)"
      : "the browser is offline",
    false,
  );
