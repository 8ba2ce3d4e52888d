export type { InternalServerErrorError } from "../../models.js";
