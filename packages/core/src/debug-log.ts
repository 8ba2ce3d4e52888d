import type { BodyText } from "./read-body.js";
import type { Redact } from "./redact.js";

/** The interface of `debugLogger`; `console` has it. */
export interface Logger {
  group(label?: string): void;
  groupEnd(): void;
  log(message: unknown, ...args: unknown[]): void;
}

const secretHeaders =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-amz-security-token)$/i;
const shownCharacters = 10_000;

export function logRequest(
  logger: Logger,
  request: Request,
  body: string | null,
  redact: Redact,
): void {
  logMessage(logger, `> Request: ${request.method} ${request.url}`, request.headers, body, redact);
}

export function logResponse(
  logger: Logger,
  request: Request,
  response: Response,
  body: BodyText,
  redact: Redact,
): void {
  const label = `< Response: ${response.status} to ${request.method} ${request.url}`;
  const text = body.text + (body.cut ? " ...cut" : "");
  logMessage(logger, label, response.headers, text, redact);
}

/** A logger that throws must not cost the call. */
function logMessage(
  logger: Logger,
  label: string,
  headers: Headers,
  body: string | null,
  redact: Redact,
): void {
  try {
    logger.group(redact(label));
    headers.forEach((value, name) => {
      logger.log(`${name}: ${secretHeaders.test(name) ? "[redacted]" : redact(value)}`);
    });
    if (body) logger.log(redact(body).slice(0, shownCharacters));
    logger.groupEnd();
  } catch {
    return;
  }
}
