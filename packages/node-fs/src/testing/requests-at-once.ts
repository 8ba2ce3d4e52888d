import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** Counts how many requests of a method the servers of this process get at the same time, until the test ends. */
export function requestsAtOnce(method: string): { readonly most: number } {
  let [now, most] = [0, 0];
  const onStart = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.method !== method) return;
    most = Math.max(most, ++now);
    response.once("close", () => now--);
  };
  subscribe("http.server.request.start", onStart);
  onTestFinished(() => void unsubscribe("http.server.request.start", onStart));
  return {
    get most() {
      return most;
    },
  };
}
