import { configPath, readConfig, type ConfigFile } from "./config-file.js";
import { NoTokenError } from "./token-command.js";
import { UsageError } from "./usage-error.js";

/** What every command can be told about the service. */
export interface ServiceFlags {
  readonly server?: string | undefined;
  readonly allowInsecureHttp?: boolean | undefined;
}

/** A flag wins over the environment, and that over the file. */
export interface Settings {
  readonly server: string;
  readonly token: TokenSource;
  readonly allowInsecureHttp: boolean;
  readonly file: ConfigFile;
}

/** A token is never an argument: other users of the machine can read those. */
export type TokenSource =
  | { readonly from: "environment"; readonly token: string }
  | { readonly from: "command"; readonly command: string };

/**
 * @throws {UsageError} There is no server, or the file is wrong.
 * @throws {NoTokenError} There is no way to a token.
 */
export async function readSettings(
  flags: ServiceFlags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Settings> {
  const path = configPath(env);
  const file = await readConfig(path);
  const server = flags.server ?? (env["SFC_SERVER_URL"] || file.server);
  if (server === undefined) {
    throw new UsageError(
      "No server is given.",
      `Set SFC_SERVER_URL, --server, or server in ${path}; to have one here: img serve`,
    );
  }
  const allowInsecureHttp = flags.allowInsecureHttp ?? false;
  return { server, token: tokenSource(env, file, path), allowInsecureHttp, file };
}

function tokenSource(env: NodeJS.ProcessEnv, file: ConfigFile, path: string): TokenSource {
  const token = env["SFC_BEARER_AUTH"] ?? "";
  if (token !== "") return { from: "environment", token };
  if (file.tokenCommand !== undefined) return { from: "command", command: file.tokenCommand };
  throw new NoTokenError("No token is given.", `Set SFC_BEARER_AUTH, or token_command in ${path}.`);
}
