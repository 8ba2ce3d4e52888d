export { planParts, partBytesFor, partsLeft, limits, MiB } from "./plan.js"; export type { Part } from "./plan.js";
