export { UnauthorizedError, type UnauthorizedErrorData } from "../../../errors.js";
