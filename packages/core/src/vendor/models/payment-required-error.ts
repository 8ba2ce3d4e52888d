export type { PaymentRequiredErrorError } from "../../models.js";
