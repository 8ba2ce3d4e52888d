import { configName, configPath, readConfig, type ConfigFile } from "./config-file.js";
import { tokenSource, vendorHost, type TokenSource } from "./token-source.js";
import { UsageError } from "../failure/usage-error.js";
import { targetOf, type ServiceFlags, type Target } from "./workspace.js";

/** The settings of a command. A flag wins over the environment, and the environment over the file. */
export interface Settings extends Target {
  readonly server: string;
  readonly token: TokenSource;
  readonly allowInsecureHttp: boolean;
  readonly file: ConfigFile;
}

/**
 * Reads the settings.
 *
 * @throws {UsageError} There is no server, the workspace cannot be used, or the file is wrong.
 * @throws {NoTokenError} There is no token for the server.
 */
export async function readSettings(
  flags: ServiceFlags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Settings> {
  const found = configPath(env);
  const path = configName(found);
  const file = await readConfig(found);
  const server = flags.server ?? (env["SFC_SERVER_URL"] || file.server);
  if (server === undefined) {
    throw new UsageError(
      "No server is given.",
      `Set SFC_SERVER_URL (for example to https://${vendorHost}), --server, or server in ${path}. To run a server on this machine: img serve`,
    );
  }
  const target = targetOf(flags, env, file);
  const token = tokenSource(env, file, { server, path });
  return { server, ...target, token, allowInsecureHttp: flags.allowInsecureHttp ?? false, file };
}
