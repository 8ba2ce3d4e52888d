export { UnprocessableEntityError } from "../../../errors.js";
export type { UnprocessableEntityErrorData } from "../../../errors.js";
