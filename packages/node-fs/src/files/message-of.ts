/** Says why something failed, also if what was thrown is not an `Error`. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
