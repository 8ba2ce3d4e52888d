import type { IncomingMessage } from "node:http";
import { ApiError } from "./answer.js";
import type { ResolvedOptions } from "./options.js";

/**
 * What keeps a web page from using the server behind the back of the person who runs it: the `Host`
 * must be ours (a name that was rebound to loopback is not), and a change must not come from another origin, unless that is allowed.
 *
 * @returns Scheme, host and port under which the client reaches us.
 * @throws {ApiError} 403
 */
export function requireOurs(
  { headers, method }: IncomingMessage,
  options: Pick<ResolvedOptions, "allowOrigins" | "hosts" | "publicUrl" | "tls">,
): string {
  const host = headers.host ?? "";
  if (!options.hosts.has(host.replace(/:\d+$/, "").toLowerCase())) {
    throw new ApiError(403, "The server is not called that: see its option allowHosts.");
  }
  const asked = `${options.tls ? "https" : "http"}://${host}`;
  const ours = options.publicUrl ?? asked;
  const changes = method !== "GET" && method !== "HEAD";
  const { origin } = headers;
  const known = [asked, new URL(ours).origin, ...options.allowOrigins];
  if (changes && origin !== undefined && !known.includes(origin)) {
    throw new ApiError(403, "A page of another origin may not change anything here.");
  }
  return ours;
}
