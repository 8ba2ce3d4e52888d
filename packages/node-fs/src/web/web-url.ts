import { isIP } from "node:net";
import { SourceUnusableError } from "@img/transfer";
import { zoneOf, type Zone } from "../http/address-zone.js";

/** The URL of a file on a web server, with its secrets apart. */
export interface WebUrl {
  /** Without user info and fragment. Its query may be a password. */
  readonly url: URL;
  /** For a person: without the query too. */
  readonly label: string;
  /** The `Authorization` that its user info is; null where it has none. For its own origin alone. */
  readonly authorization: string | null;
  /** Whether something is left out in the label that may be needed to read the file again. */
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

/** The name that a URL's file has: its last segment; null where that is empty. */
export function fileNameOf({ pathname }: URL): string | null {
  return decoded(pathname.slice(pathname.lastIndexOf("/") + 1)) || null;
}

/** A `%` that encodes nothing stays as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** The zone that a URL names by itself, without a look-up; null for a name that has to be looked up. */
export function zoneNamedBy({ hostname }: URL): Zone | null {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return zoneOf(host);
  return /(^|\.)localhost\.?$/i.test(host) ? "loopback" : null;
}
