import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connection } from "./exchange.js";
import { jsonLine } from "./failures.js";

/** Writes one JSON line when a request is over. The query is left out: it may be a presigned URL's password. */
export function logWhenOver(
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
  log: (line: string) => void,
): void {
  const startMs = performance.now();
  const { socket } = request;
  const sentBefore = socket.bytesWritten;
  response.once("close", () => {
    const line = {
      request: connection.requestId,
      method: request.method,
      path: request.url?.split("?", 1)[0],
      status: connection.status ?? null,
      finished: connection.finished,
      ms: Math.round(performance.now() - startMs),
      bodyBytes: Number(request.headers["content-length"] ?? 0),
      sentBytes: socket.bytesWritten - sentBefore,
    };
    log(jsonLine(line));
  });
}
