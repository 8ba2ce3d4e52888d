import type { ConfigFile } from "./config-file.js";
import { NoTokenError } from "./token-program.js";

/** Where the token comes from. It is never an argument, since other users of the machine can read those. */
export type TokenSource =
  | { readonly from: "environment"; readonly variable: string; readonly token: string }
  | { readonly from: "command"; readonly command: string };

/** The only host that gets the tokens of the vendor's command. */
export const vendorHost = "api.sfcompute.com";
const vendorVariables = ["SF_BEARER_TOKEN", "SF_API_KEY"];

/**
 * Finds the source of the token.
 *
 * @param path The configuration's path.
 * @throws {NoTokenError} There is no token for this server.
 */
export function tokenSource(
  env: NodeJS.ProcessEnv,
  file: ConfigFile,
  { server, path }: { readonly server: string; readonly path: string },
): TokenSource {
  const own = fromVariable(env, ["SFC_BEARER_AUTH"]);
  if (own !== null) return own;
  if (file.tokenCommand !== undefined) return { from: "command", command: file.tokenCommand };
  const vendors = fromVariable(env, vendorVariables);
  if (vendors !== null && isVendor(server)) return vendors;
  const why = vendors === null ? "" : ` ${vendors.variable} is sent to https://${vendorHost} only.`;
  throw new NoTokenError(
    `No token is given.${why}`,
    `Set SFC_BEARER_AUTH, or token_command in ${path}.`,
  );
}

function fromVariable(
  env: NodeJS.ProcessEnv,
  names: readonly string[],
): (TokenSource & { readonly from: "environment" }) | null {
  const variable = names.find((name) => (env[name] ?? "") !== "");
  return variable === undefined
    ? null
    : { from: "environment", variable, token: env[variable] ?? "" };
}

function isVendor(server: string): boolean {
  if (!URL.canParse(server)) return false;
  return new URL(server).origin === `https://${vendorHost}`;
}
