import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Operation } from "./call.js";

/** The metrics for Prometheus. Labels never contain what a client sent. */
export interface Metrics {
  /**
   * Counts a request. Call the function that it returns when the request has ended, with its status if one was
   * sent.
   */
  begin(operation: Operation | "none"): (status: number | undefined) => void;
  receivedBytes(count: number): void;
  sentBytes(count: number): void;
  /** The disk or the bucket failed, and a call because of it. */
  storeFailed(): void;
  /** Old unfinished images, or remains of deletions, could not be removed. */
  sweepFailed(): void;
  /** Returns the metrics in the text format, with its content type. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
}

/** The limits of the histogram: from a call on a local disk to a part over a slow link. */
const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

export function metrics(): Metrics {
  const registry = new Registry();
  const { requests, seconds, inFlight, received, sent, failures, sweepFailures } =
    instruments(registry);
  return {
    begin(operation) {
      inFlight.inc();
      const end = seconds.startTimer({ operation });
      return (status) => {
        inFlight.dec();
        end();
        requests.inc({ operation, status: status ?? 0 });
      };
    },
    receivedBytes: (count) => received.inc(count),
    sentBytes: (count) => sent.inc(count),
    storeFailed: () => failures.inc(),
    sweepFailed: () => sweepFailures.inc(),
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}

/** Registers all metrics. */
function instruments(registry: Registry) {
  const registers = [registry];
  const labelNames = ["operation", "status"] as const;
  const requests = new Counter({
    name: "img_requests_total",
    help: "Finished requests, by operation and status; status 0: the client disconnected first",
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: "img_request_seconds",
    help: "How long requests took, from their head to the end of their answer",
    labelNames: ["operation"] as const,
    buckets: SECONDS,
    registers,
  });
  const inFlight = new Gauge({
    name: "img_requests_in_flight",
    help: "Requests in flight",
    registers,
  });
  const received = new Counter({
    name: "img_received_bytes_total",
    help: "Bytes of request bodies",
    registers,
  });
  const sent = new Counter({ name: "img_sent_bytes_total", help: "Bytes of answers", registers });
  const failures = new Counter({
    name: "img_store_errors_total",
    help: "Calls that failed because the disk or the bucket did",
    registers,
  });
  const sweepFailures = new Counter({
    name: "img_sweep_errors_total",
    help: "Unfinished or deleted images that a sweep could not remove",
    registers,
  });
  return { requests, seconds, inFlight, received, sent, failures, sweepFailures };
}
