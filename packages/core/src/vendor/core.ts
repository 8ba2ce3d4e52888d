export { SfcCore } from "../core.js";
