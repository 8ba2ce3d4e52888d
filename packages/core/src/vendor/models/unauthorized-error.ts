export type { UnauthorizedErrorError } from "../../models.js";
