export { InternalServerError } from "../../../errors.js";
export type { InternalServerErrorData } from "../../../errors.js";
