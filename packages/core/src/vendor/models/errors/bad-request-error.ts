export { BadRequestError } from "../../../errors.js";
export type { BadRequestErrorData } from "../../../errors.js";
