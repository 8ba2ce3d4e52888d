import { UnsafeUrlError } from "../errors.js";

/**
 * Checks a presigned URL before it is used. The message tells nothing of it but its scheme.
 *
 * @param server The API's own URL: what came over https may not be followed to http.
 * @throws {UnsafeUrlError} Not http(s), less safe than the API, or with user info.
 */
export function checkPresignedUrl(url: string, server: string): void {
  if (!URL.canParse(url)) throw new UnsafeUrlError("it cannot be read");
  const { protocol, username, password } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") {
    throw new UnsafeUrlError(`its scheme is ${protocol}`);
  }
  if (protocol === "http:" && new URL(server).protocol === "https:") {
    throw new UnsafeUrlError("it is http: while the service is https:");
  }
  if (username !== "" || password !== "") throw new UnsafeUrlError("it has user info");
}
