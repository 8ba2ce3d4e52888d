import { TransportError } from "@img/transfer";

/** A browser gives pages no more details. */
export const networkError = (): TransportError =>
  new TransportError(
    navigator.onLine
      ? "no connection, or the store does not allow this page (CORS)"
      : "the browser is offline",
    false,
  );
