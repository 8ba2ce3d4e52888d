export type { UnprocessableEntityErrorError } from "../../models.js";
