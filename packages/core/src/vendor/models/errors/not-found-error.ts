export { NotFoundError, type NotFoundErrorData } from "../../../errors.js";
