import dns from "node:dns";
import type { LookupFunction } from "node:net";

/** Says which addresses may be connected to. */
export type AddressRule = (address: string) => boolean;

/** A server has only addresses that may not be connected to. Nothing was sent. */
export class AddressRefusedError extends Error {
  override readonly name = "AddressRefusedError";
  /** The reason of the transport's error. */
  readonly code = "ADDRESS_REFUSED";
}

/** Looks a name up as Node does, and gives only the addresses that may be connected to. */
export const allowedLookup =
  (mayReach: AddressRule): LookupFunction =>
  (hostname, options, callback) =>
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => mayReach(address)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, "", 0);
      else if (first === undefined) callback(new AddressRefusedError(), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
