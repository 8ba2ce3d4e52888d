import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "./answer.js";
import type { Account } from "./options.js";

/** Finds the account that a request's `Authorization` speaks for. */
export type Authenticate = (authorization: string | undefined) => Account;

/**
 * @returns A function that takes the same time whichever token is given, and throws ApiError (401)
 * where it is nobody's.
 */
export function authenticator(accounts: readonly Account[]): Authenticate {
  const known = accounts.map((account) => ({ account, hash: hashOf(account.token) }));
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) throw new ApiError(401, "Send `Authorization: Bearer TOKEN`.");
    const hash = hashOf(given);
    // All are compared, always.
    const [match] = known.filter((one) => timingSafeEqual(one.hash, hash));
    if (match === undefined) throw new ApiError(401, "The token is not valid here.");
    return match.account;
  };
}

/** Makes tokens of any length comparable in constant time. */
const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();
