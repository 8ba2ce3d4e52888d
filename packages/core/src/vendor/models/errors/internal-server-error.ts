export { InternalServerError, type InternalServerErrorData } from "../../../errors.js";
