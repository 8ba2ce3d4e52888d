import type { IncomingMessage, ServerResponse } from "node:http";
import { routeOf } from "./call.js";
import type { Connection } from "./exchange.js";
import type { Metrics } from "./metrics.js";

/** Counts a request, but for those that ask how we are. */
export function countWhenOver(
  metrics: Metrics,
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
): void {
  const route = routeOf(request.method ?? "", request.url?.split("?", 1)[0] ?? "");
  if (route.to === "health" || route.to === "metrics") return;
  const end = metrics.begin(route.to === "operation" ? route.operation : "none");
  const { socket } = request;
  const sentBefore = socket.bytesWritten;
  response.once("close", () => {
    metrics.sentBytes(Math.max(0, socket.bytesWritten - sentBefore));
    end(connection.status);
  });
}
