export { UnprocessableEntityError, type UnprocessableEntityErrorData } from "../../../errors.js";
