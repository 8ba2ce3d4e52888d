export type { Unrecognized } from "../../open-enum.js";
