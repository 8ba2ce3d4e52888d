import dns from "node:dns";
import type { LookupFunction } from "node:net";
import { ConnectionError } from "./transport-error.js";

/** Says which addresses may be connected to. */
export type AddressRule = (address: string) => boolean;

/** The reason of the transport's error where a server has only addresses that may not be connected to: nothing was sent. */
export const addressRefused = "ADDRESS_REFUSED";

/** Looks a name up as Node does, and gives only the addresses that may be connected to. */
export const allowedLookup =
  (mayReach: AddressRule): LookupFunction =>
  (hostname, options, callback) =>
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => mayReach(address)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, "", 0);
      else if (first === undefined) callback(new ConnectionError(addressRefused), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
