export type { Security } from "../../models.js";
