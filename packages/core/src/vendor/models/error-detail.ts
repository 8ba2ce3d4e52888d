export type { ErrorDetail } from "../../models.js";
