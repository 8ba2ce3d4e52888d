import type { Metrics } from "./metrics.js";

/** Reports failures of the server itself, each as a line on standard error. */
export interface Failures {
  /** A call failed: its answer is a 500, or was cut. */
  ofRequest(requestId: string, error: unknown): void;
  /** A sweep failed, for one image or completely. The next one tries again. */
  ofSweep(error: unknown, image?: string): void;
}

/** Makes the reports. @param warn Gets one JSON line for each. */
export function failures(warn: (line: string) => void, metrics: Metrics): Failures {
  return {
    ofRequest(request, error) {
      metrics.storeFailed();
      warn(jsonLine({ failed: String(error), request }));
    },
    ofSweep(error, image) {
      metrics.sweepFailed();
      warn(jsonLine({ sweepFailed: String(error), image }));
    },
  };
}

/** Formats a line of the log. */
export const jsonLine = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ time: new Date().toISOString(), ...fields });
