/** Returns a field of an error if it is a text, else an empty string. */
export function text(error: unknown, field: string): string {
  const value: unknown = Reflect.get(Object(error), field);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export const isTrue = (error: unknown, field: string): boolean =>
  Reflect.get(Object(error), field) === true;

export const causeOf = (error: unknown): unknown =>
  error instanceof Error ? error.cause : undefined;

export const causeCode = (error: unknown): string => text(causeOf(error), "code");

/** Returns the innermost code among an error's causes, such as ECONNREFUSED; empty if there is none. */
export function platformCode(error: unknown): string {
  let code = "";
  for (let at = error, depth = 0; at instanceof Error && depth < 9; depth++, at = at.cause) {
    code = text(at, "code") || code;
  }
  return code;
}
