export { BadRequestError, type BadRequestErrorData } from "../../../errors.js";
