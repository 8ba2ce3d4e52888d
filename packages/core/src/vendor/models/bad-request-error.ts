export type { BadRequestErrorError } from "../../models.js";
