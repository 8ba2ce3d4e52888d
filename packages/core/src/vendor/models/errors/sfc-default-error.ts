export { SfcDefaultError } from "../../../errors.js";
