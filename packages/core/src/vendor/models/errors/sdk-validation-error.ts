export { SDKValidationError } from "../../../errors.js";
