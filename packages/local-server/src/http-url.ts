import { InvalidOptionError } from "./invalid-option.js";

/** Parses the URL of an option. @throws {InvalidOptionError} It is not suitable as the start of other URLs. */
export function httpUrl(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash) {
    return url;
  }
  throw new InvalidOptionError(option, "an http or https URL without user, query and fragment");
}
