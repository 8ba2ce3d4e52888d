export { ERR, OK, unwrap, unwrapAsync } from "../../result.js";
export type { Result } from "../../result.js";
