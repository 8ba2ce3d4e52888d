import type {
  BadRequestErrorError,
  ConflictErrorError,
  ForbiddenErrorError,
  InternalServerErrorError,
  NotFoundErrorError,
  PaymentRequiredErrorError,
  UnauthorizedErrorError,
  UnprocessableEntityErrorError,
} from "./models.js";

/** The answer that an error is made of. */
export interface HttpMeta {
  response: Response;
  request: Request;
  body: string;
}

/**
 * Every answer of the API that is an error. Headers, body and response can hold what no log should,
 * so they are read by name only: `util.inspect` and `JSON.stringify` don't show them.
 */
export class SfcError extends Error {
  /** The class's name. */
  override readonly name: string = "SfcError";
  /** What went wrong, for a `switch`; it stays from version to version. */
  readonly code: string = "HTTP_ERROR";
  /** HTTP status. */
  readonly statusCode: number;
  /** The answer's content type, empty if it has none. */
  readonly contentType: string;
  readonly #response: Response;
  readonly #body: string;

  constructor(message: string, { response, body }: HttpMeta) {
    super(message);
    this.statusCode = response.status;
    this.contentType = response.headers.get("content-type") ?? "";
    this.#response = response;
    this.#body = body;
  }

  /** The answer's body, at most 64 KiB of it, without tokens and the queries of URLs. */
  get body(): string {
    return this.#body;
  }

  /** The answer's headers, such as `Retry-After` and `Date`. */
  get headers(): Headers {
    return this.#response.headers;
  }

  /** The answer as it came. Its body has been read. */
  get rawResponse(): Response {
    return this.#response;
  }
}

/** An error that the contract declares: its body says what is wrong. */
class DeclaredError<Body extends { message: string }> extends SfcError {
  /** The body's JSON. */
  readonly data$: ErrorData<Body>;
  /** What the body says: `data$.error`. */
  readonly error: Body;

  constructor(data: ErrorData<Body>, meta: HttpMeta, advice = "") {
    super(advice + (data.error.message || `Status ${meta.response.status}`), meta);
    this.data$ = data;
    this.error = data.error;
  }
}

interface ErrorData<Body> {
  /** What went wrong. */
  error: Body;
}

/** The body of a 400. */
export type BadRequestErrorData = ErrorData<BadRequestErrorError>;
/** The body of a 401. */
export type UnauthorizedErrorData = ErrorData<UnauthorizedErrorError>;
/** The body of a 402. */
export type PaymentRequiredErrorData = ErrorData<PaymentRequiredErrorError>;
/** The body of a 422. */
export type UnprocessableEntityErrorData = ErrorData<UnprocessableEntityErrorError>;
/** The body of a 403. */
export type ForbiddenErrorData = ErrorData<ForbiddenErrorError>;
/** The body of a 404. */
export type NotFoundErrorData = ErrorData<NotFoundErrorError>;
/** The body of a 409. */
export type ConflictErrorData = ErrorData<ConflictErrorError>;
/** The body of a 500. */
export type InternalServerErrorData = ErrorData<InternalServerErrorError>;

const workspaceAdvice =
  'The service requires a workspace. Set `workspace` and `apiVersion: "preview"`, or for the ' +
  "command SFC_WORKSPACE or --workspace. The service answered: ";

/** 400: `error.details` names the fields. Correct the request. */
export class BadRequestError extends DeclaredError<BadRequestErrorError> {
  override readonly name: string = "BadRequestError";
  override readonly code: string = "BAD_REQUEST";
}

/** 400 to a list or a create without a workspace: set one. The message says where. */
export class WorkspaceRequiredError extends BadRequestError {
  override readonly name: string = "WorkspaceRequiredError";
  override readonly code: string = "WORKSPACE_REQUIRED";

  constructor(data: BadRequestErrorData, meta: HttpMeta) {
    super(data, meta, workspaceAdvice);
  }
}

/** 401: the token is missing, wrong or no longer valid. */
export class UnauthorizedError extends DeclaredError<UnauthorizedErrorError> {
  override readonly name: string = "UnauthorizedError";
  override readonly code: string = "UNAUTHORIZED";
}

/** 403: the image is somebody else's. */
export class ForbiddenError extends DeclaredError<ForbiddenErrorError> {
  override readonly name: string = "ForbiddenError";
  override readonly code: string = "FORBIDDEN";
}

/** 404: no such image, or it was deleted. */
export class NotFoundError extends DeclaredError<NotFoundErrorError> {
  override readonly name: string = "NotFoundError";
  override readonly code: string = "NOT_FOUND";
}

/** 409: the name is taken, or the image's state doesn't allow the call. */
export class ConflictError extends DeclaredError<ConflictErrorError> {
  override readonly name: string = "ConflictError";
  override readonly code: string = "CONFLICT";
}

/** 500: the service failed. Whether it acted is unknown. */
export class InternalServerError extends DeclaredError<InternalServerErrorError> {
  override readonly name: string = "InternalServerError";
  override readonly code: string = "INTERNAL_SERVER_ERROR";
}

/** 402. The vendor's, of other resources: a call about images gets an `SfcDefaultError` with that status. */
export class PaymentRequiredError extends DeclaredError<PaymentRequiredErrorError> {
  override readonly name: string = "PaymentRequiredError";
  override readonly code: string = "PAYMENT_REQUIRED";
}

/** 422. The vendor's, of other resources: a call about images gets an `SfcDefaultError` with that status. */
export class UnprocessableEntityError extends DeclaredError<UnprocessableEntityErrorError> {
  override readonly name: string = "UnprocessableEntityError";
  override readonly code: string = "UNPROCESSABLE_ENTITY";
}

const shownCharacters = 10_000;

/** Any other status, or a declared one whose body is no JSON: a proxy's answer, say. */
export class SfcDefaultError extends SfcError {
  override readonly name: string = "SfcDefaultError";

  constructor(message: string, meta: HttpMeta) {
    const type = meta.response.headers.get("content-type") ?? '""';
    const more = meta.body.length - shownCharacters;
    const body =
      meta.body.slice(0, shownCharacters) + (more > 0 ? `...and ${more} more chars` : "");
    const parts = [
      `${message && `${message}: `}Status ${meta.response.status}`,
      type === "application/json" ? "" : ` Content-Type ${type.includes(" ") ? `"${type}"` : type}`,
      body.length > 100 ? "\n" : ". ",
      `Body: ${body || '""'}`,
    ];
    super(parts.join(""), meta);
  }
}
