import type { Goal } from "../goals.js";

/** What a scenario measured, already printed. */
export interface Outcome {
  readonly figures: object;
  readonly goals: readonly Goal[];
}
