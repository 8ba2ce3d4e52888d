export { NotFoundError } from "../../../errors.js";
export type { NotFoundErrorData } from "../../../errors.js";
