export { UnauthorizedError } from "../../../errors.js";
export type { UnauthorizedErrorData } from "../../../errors.js";
