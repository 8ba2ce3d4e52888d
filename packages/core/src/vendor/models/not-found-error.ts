export type { NotFoundErrorError } from "../../models.js";
