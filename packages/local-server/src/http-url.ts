import { InvalidOptionError } from "./invalid-option.js";

/** The URL that an option gives. @throws {InvalidOptionError} It could not be one to make others from. */
export function httpUrl(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash) {
    return url;
  }
  throw new InvalidOptionError(option, "an http or https URL without user, query and fragment");
}
