export { ServerList } from "../../options.js";
export type { SDKOptions } from "../../options.js";
