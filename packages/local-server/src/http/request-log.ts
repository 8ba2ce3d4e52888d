import type { Exchange } from "./exchange.js";
import { jsonLine } from "./failures.js";

/**
 * Writes one JSON line when a request has ended. The query is left out, since it may be the secret part of a
 * presigned URL.
 */
export function logWhenOver(exchange: Exchange, log: (line: string) => void): void {
  const startMs = performance.now();
  const { request, response, socket } = exchange;
  const sentBefore = socket.bytesWritten;
  response.once("close", () => {
    const line = {
      request: exchange.requestId,
      method: request.method,
      path: request.url?.split("?", 1)[0],
      status: exchange.status ?? null,
      finished: exchange.finished,
      ms: Math.round(performance.now() - startMs),
      bodyBytes: Number(request.headers["content-length"] ?? 0),
      sentBytes: socket.bytesWritten - sentBefore,
    };
    log(jsonLine(line));
  });
}
