export type { ForbiddenErrorError } from "../../models.js";
