import { absentIfNull, fromWire, list, nullable, text, type Decoder } from "./decode.js";
import {
  BadRequestError,
  ConflictError,
  ForbiddenError,
  InternalServerError,
  NotFoundError,
  UnauthorizedError,
  type HttpMeta,
  type SfcError,
} from "./http-errors.js";
import type { BadRequestErrorError, ErrorDetail } from "./models.js";
import type { Unrecognized } from "./open-enum.js";

/** The statuses for which the contract has an error of its own. */
export type DeclaredStatus = 400 | 401 | 403 | 404 | 409 | 500;

type ErrorBody = Omit<BadRequestErrorError, "type"> & { type: Unrecognized<string> };

type DeclaredError = new (data: { error: ErrorBody }, meta: HttpMeta) => SfcError;

/** The error class of each declared status. */
export const declaredErrors: Readonly<Record<DeclaredStatus, DeclaredError>> = {
  400: BadRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  500: InternalServerError,
};

const details = list(fromWire<ErrorDetail>({ field: nullable(text), code: text, message: text }));

/** `type` is open: a status says enough to give a 404 of an unknown type its class. */
export const errorBody: Decoder<{ error: ErrorBody }> = fromWire<{ error: ErrorBody }>({
  error: fromWire<ErrorBody>({
    type: text as Decoder<Unrecognized<string>>,
    message: text,
    details: absentIfNull(details),
  }),
});
