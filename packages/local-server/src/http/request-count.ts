import type { Exchange } from "./exchange.js";
import type { Metrics } from "./metrics.js";
import type { Route } from "./routes.js";

/** Counts a request, except for health checks and metrics. */
export function countWhenOver(metrics: Metrics, exchange: Exchange, route: Route): void {
  if (route.to === "health" || route.to === "metrics") return;
  const end = metrics.begin(route.to === "operation" ? route.operation : "none");
  const { response, socket } = exchange;
  const sentBefore = socket.bytesWritten;
  response.once("close", () => {
    metrics.sentBytes(Math.max(0, socket.bytesWritten - sentBefore));
    end(exchange.status);
  });
}
