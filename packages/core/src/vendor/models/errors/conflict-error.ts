export { ConflictError, type ConflictErrorData } from "../../../errors.js";
