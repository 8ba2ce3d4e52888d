export { ForbiddenError } from "../../../errors.js";
export type { ForbiddenErrorData } from "../../../errors.js";
