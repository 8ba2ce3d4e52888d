export { ERR, OK, unwrap, unwrapAsync, type Result } from "../../result.js";
