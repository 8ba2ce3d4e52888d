export { SfcCore as ClientSDK } from "../../core.js";
export type { RequestOptions } from "../../options.js";
