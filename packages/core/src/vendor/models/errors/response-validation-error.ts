export { ResponseValidationError } from "../../../errors.js";
