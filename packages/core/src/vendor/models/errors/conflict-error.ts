export { ConflictError } from "../../../errors.js";
export type { ConflictErrorData } from "../../../errors.js";
