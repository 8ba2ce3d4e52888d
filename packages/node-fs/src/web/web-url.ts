import { isIP } from "node:net";
import { SourceUnusableError } from "@img/transfer";
import { zoneOf, type Zone } from "../http/address-zone.js";

/** The URL of a file on a web server, and what of it may be shown. */
export interface WebUrl {
  /** Without user info and fragment. Its query may be a password. */
  readonly url: URL;
  /** For messages: without the query too. */
  readonly label: string;
  /** The `Authorization` header of its user info; null if it has none. Sent to its own origin only. */
  readonly authorization: string | null;
  /** Whether the label leaves out something that is needed to read the file again. */
  readonly hasSecret: boolean;
}

/** @throws {SourceUnusableError} It is not a web server's. */
export function webUrlOf(given: URL): WebUrl {
  const { protocol, username, password } = given;
  if (protocol !== "https:" && protocol !== "http:") {
    throw new SourceUnusableError(`A URL must begin with https: or http:, not with ${protocol}`);
  }
  const url = new URL(given);
  url.username = url.password = url.hash = "";
  const hasUser = username !== "" || password !== "";
  return {
    url,
    label: `${url.origin}${url.pathname}`,
    authorization: hasUser ? basic(username, password) : null,
    hasSecret: hasUser || url.search !== "",
  };
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${decoded(user)}:${decoded(password)}`).toString("base64")}`;

/** The name of a URL's file: its last segment; null if that is empty. */
export function fileNameOf({ pathname }: URL): string | null {
  return decoded(pathname.slice(pathname.lastIndexOf("/") + 1)) || null;
}

/** Decodes percent-encoding. A `%` that encodes nothing stays as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** The zone of a URL whose host is an address or localhost; null for a name that has to be looked up. */
export function zoneNamedBy({ hostname }: URL): Zone | null {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return zoneOf(host);
  return /(^|\.)localhost\.?$/i.test(host) ? "loopback" : null;
}
