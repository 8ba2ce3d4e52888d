export { Sfc } from "../../sfc.js";
