import type { IncomingMessage } from "node:http";
import { ApiError } from "./answer.js";

/** The host names by which clients may call the server. */
export interface KnownNames {
  /** In lower case, as in a `Host` header without its port. */
  readonly hosts: ReadonlySet<string>;
  readonly publicUrl: string | undefined;
  readonly allowOrigins: ReadonlySet<string>;
  /** Defined if the server speaks HTTPS. */
  readonly tls: object | undefined;
}

/**
 * Prevents a web page from using the server without the user's knowledge. The `Host` must be a known name, so
 * that a foreign name that was rebound to loopback is refused. A change must not come from another origin,
 * unless that is allowed.
 *
 * @returns The scheme, host and port by which the client reaches the server.
 * @throws {ApiError} 400 or 403
 */
export function requireOurs(request: IncomingMessage, options: KnownNames): string {
  const { headers, method } = request;
  const host = requireHost(request);
  if (!options.hosts.has(host.hostname)) {
    throw new ApiError(
      403,
      "The Host header names another server. To allow a name, use the option allowHosts.",
    );
  }
  const asked = `${options.tls ? "https" : "http"}://${host.text}`;
  const ours = options.publicUrl ?? asked;
  const changes = method !== "GET" && method !== "HEAD";
  const { origin } = headers;
  const known = [asked, new URL(ours).origin, ...options.allowOrigins];
  if (changes && origin !== undefined && !known.includes(origin)) {
    throw new ApiError(
      403,
      "Pages of other origins are not allowed. To allow one, use the option allowOrigins.",
    );
  }
  return ours;
}

/** Reads the only `Host`. Of two such headers, a proxy in front might use the other one. */
function requireHost({ headersDistinct }: IncomingMessage): { text: string; hostname: string } {
  const [text = "", ...others] = headersDistinct["host"] ?? [];
  const [, hostname, port = "0"] =
    /^([^\s/?#@:[\]]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (others.length === 0 && hostname !== undefined && Number(port) <= 65_535) {
    return { text, hostname: hostname.toLowerCase() };
  }
  throw new ApiError(400, "Send one Host header: a name or an address, and a port up to 65535.");
}
