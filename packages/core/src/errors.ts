/**
 * Every error of this package. `SfcError` and its subclasses are answers of the API, `HTTPClientError`
 * and its subclasses never became an answer, `SDKValidationError` was never sent. Codes and classes
 * stay; messages are for people and may change.
 */
export {
  BadRequestError,
  ConflictError,
  ForbiddenError,
  InternalServerError,
  NotFoundError,
  PaymentRequiredError,
  SfcDefaultError,
  SfcError,
  UnauthorizedError,
  UnprocessableEntityError,
  WorkspaceRequiredError,
  type BadRequestErrorData,
  type ConflictErrorData,
  type ForbiddenErrorData,
  type InternalServerErrorData,
  type NotFoundErrorData,
  type PaymentRequiredErrorData,
  type UnauthorizedErrorData,
  type UnprocessableEntityErrorData,
} from "./http-errors.js";
export {
  ConnectionError,
  HTTPClientError,
  InvalidRequestError,
  RequestAbortedError,
  RequestTimeoutError,
  UnexpectedClientError,
} from "./client-errors.js";
export { ResponseValidationError, SDKValidationError } from "./validation-errors.js";
export { connectionReason, explainError, type ErrorExplanation } from "./explain-error.js";
