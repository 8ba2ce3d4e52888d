export { PaymentRequiredError } from "../../../errors.js";
export type { PaymentRequiredErrorData } from "../../../errors.js";
