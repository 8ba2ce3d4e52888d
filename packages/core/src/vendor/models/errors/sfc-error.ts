export { SfcError } from "../../../errors.js";
