export { PaymentRequiredError, type PaymentRequiredErrorData } from "../../../errors.js";
