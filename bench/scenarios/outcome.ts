import type { Goal } from "../goals.js";

/** What a scenario measured; it has been printed already. */
export interface Outcome {
  readonly figures: object;
  readonly goals: readonly Goal[];
}
