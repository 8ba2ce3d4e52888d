export { APIPromise } from "../../api-promise.js";
export type { APICall } from "../../api-promise.js";
