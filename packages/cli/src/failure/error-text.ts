/** A field of an error, as text; empty where it is none. */
export function text(error: unknown, field: string): string {
  const value: unknown = Reflect.get(Object(error), field);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export const causeOf = (error: unknown): unknown =>
  error instanceof Error ? error.cause : undefined;

/** The message up to where it speaks of the library's options. */
export function before(cut: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const at = message.indexOf(cut);
  return at < 0 ? message : message.slice(0, at);
}
