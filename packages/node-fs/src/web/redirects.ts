import { SourceUnusableError } from "@img/transfer";
import { mayFollow, zoneOf, type Zone } from "../http/address-zone.js";
import type { AddressRule } from "../http/allowed-lookup.js";
import { webUrlOf, zoneNamedBy, type WebUrl } from "./web-url.js";

/** One place on the way to a file. */
export interface Hop {
  readonly url: URL;
  /** Sent only to the origin of the caller's URL. */
  readonly authorization: string | null;
  /** The zone of the server that redirected here; null for the caller's own URL, which may lead anywhere. */
  readonly from: Zone | null;
}

export const mostRedirects = 5;

/** Which addresses a hop may have. */
export const ruleOf = ({ from }: Hop): AddressRule | undefined =>
  from === null ? undefined : (address) => mayFollow(from, zoneOf(address));

/**
 * The next hop of a redirect.
 *
 * @param peerAddress The address that answered; null behind a proxy, where a name counts as public.
 * @throws {SourceUnusableError} It may not be followed.
 */
export function redirected(
  start: WebUrl,
  hop: Hop,
  location: string,
  peerAddress: string | null,
): Hop {
  const { label } = start;
  const to = URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : null;
  if (to === null) throw new SourceUnusableError(`${label} redirects to an invalid URL.`);
  const { url, authorization } = webUrlOf(to);
  if (authorization !== null) {
    throw new SourceUnusableError(
      `${label} redirects to a URL with a user name or password in it, which is not followed.`,
    );
  }
  if (hop.url.protocol === "https:" && url.protocol === "http:") {
    throw new SourceUnusableError(`${label} redirects from https to http, which is not followed.`);
  }
  const reached = peerAddress === null ? (zoneNamedBy(hop.url) ?? "public") : zoneOf(peerAddress);
  const named = zoneNamedBy(url);
  if (named !== null && !mayFollow(reached, named)) throw notFollowed(label, url);
  const isOwnOrigin = url.origin === start.url.origin;
  return { url, authorization: isOwnOrigin ? start.authorization : null, from: reached };
}

/** The error of a redirect to an address that its server has no right to name. */
export function notFollowed(label: string, { host }: URL): SourceUnusableError {
  return new SourceUnusableError(
    `${label} redirects to a private address (${host}), which is not followed.`,
    { advice: "If you trust that server, give the URL that it redirects to." },
  );
}
