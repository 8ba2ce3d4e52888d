export { ServerList, type SDKOptions } from "../../options.js";
