export { APIPromise, type APICall } from "../../api-promise.js";
