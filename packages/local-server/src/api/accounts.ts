import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ApiError } from "../http/answer.js";
import { InvalidOptionError } from "../invalid-option.js";

/** An account: a token that may call the API, and the owner of the images that it creates. */
export interface Account {
  /**
   * 1 to 64 characters of `[0-9A-Za-z_.-]`. It is kept with each image: the token may change, the name may not.
   */
  readonly name: string;
  /** Visible ASCII characters, different for each account. */
  readonly token: string;
  /** Whether every account may list, get and download this one's completed images. @default false */
  readonly isPublic?: boolean | undefined;
  /**
   * Workspaces in addition to `default`, which every account has: 1 to 64 characters of `[0-9A-Za-z_.-]`. Names
   * of images are unique in each.
   *
   * @default none
   */
  readonly workspaces?: readonly string[] | undefined;
}

/** The form of an account's or workspace's name. */
export const accountNamePattern: RegExp = /^[0-9A-Za-z_.-]{1,64}$/;

/** The form of a token. */
export const tokenPattern: RegExp = /^[\x21-\x7e]+$/;

/** The options that define the accounts. */
interface GivenAccounts {
  readonly token?: string | undefined;
  readonly workspaces?: readonly string[] | undefined;
  readonly accounts?: readonly Account[] | undefined;
}

/**
 * Checks the accounts and fills in defaults.
 *
 * @throws {InvalidOptionError} An account is invalid, or the options contradict each other.
 */
export function resolveAccounts(given: GivenAccounts): readonly [Account, ...Account[]] {
  const accounts = given.accounts ?? [onlyAccount(given)];
  for (const option of ["token", "workspaces"] as const) {
    if (given.accounts && given[option] !== undefined) {
      throw new InvalidOptionError(option, "absent where there are accounts");
    }
  }
  for (const account of accounts) checkAccount(account);
  for (const key of ["name", "token"] as const) {
    if (new Set(accounts.map((account) => account[key])).size < accounts.length) {
      throw new InvalidOptionError("accounts", `a list in which no ${key} occurs twice`);
    }
  }
  const [first, ...others] = accounts;
  if (first === undefined) throw new InvalidOptionError("accounts", "a list of one or more");
  return [first, ...others];
}

const onlyAccount = ({ token, workspaces }: GivenAccounts): Account => ({
  name: "default",
  token: token ?? randomBytes(24).toString("base64url"),
  workspaces,
});

function checkAccount({ name, token, workspaces = [] }: Account): void {
  const isName = (text: string) => accountNamePattern.test(text);
  if (!isName(name)) {
    throw new InvalidOptionError("accounts", "named with 1 to 64 of [0-9A-Za-z_.-]");
  }
  if (!workspaces.every(isName)) {
    throw new InvalidOptionError("workspaces", "named with 1 to 64 of [0-9A-Za-z_.-]");
  }
  // The token itself must not appear in the message.
  if (!tokenPattern.test(token)) {
    throw new InvalidOptionError("token", "visible ASCII characters, at least one");
  }
}

/** Returns the account that a request's `Authorization` belongs to. */
export type Authenticate = (authorization: string | undefined) => Account;

/**
 * Makes the function that checks tokens.
 *
 * @returns A function that takes the same time for every token, and throws ApiError (401) for an unknown one.
 */
export function authenticator(accounts: readonly Account[]): Authenticate {
  const known = accounts.map((account) => ({ account, hash: hashOf(account.token) }));
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) throw new ApiError(401, "Send `Authorization: Bearer TOKEN`.");
    const hash = hashOf(given);
    // Always compares all, so that the time tells nothing.
    const [match] = known.filter((one) => timingSafeEqual(one.hash, hash));
    if (match === undefined) throw new ApiError(401, "The token is not valid here.");
    return match.account;
  };
}

/** Makes tokens of any length comparable in constant time. */
const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();
