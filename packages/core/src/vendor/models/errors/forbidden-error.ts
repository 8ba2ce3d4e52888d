export { ForbiddenError, type ForbiddenErrorData } from "../../../errors.js";
