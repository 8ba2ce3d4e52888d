export type { Logger } from "../../debug-log.js";
