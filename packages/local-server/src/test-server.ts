/**
 * A server for tests of programs that use images, in one line, for any test runner: on a free port, in a temporary
 * folder that is deleted when it closes.
 *
 * ```ts
 * await using server = await startTestServer();
 * server.faults.add({ on: "part", nth: 2, do: "reset", afterBytes: 1_000_000 });
 * ```
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault } from "./faults/faults.js";
import type { ServerOptions } from "./options.js";
import { startServer, type Server } from "./server.js";

/** The options of the server, except those that a test server sets itself. */
export interface TestServerOptions extends Omit<ServerOptions, "dir" | "s3" | "port"> {
  /** The faults with which it misbehaves from the start. More can be added later: `server.faults`. @default none */
  readonly faults?: readonly Fault[] | undefined;
}

/** A running server with its folder. */
export interface TestServer extends Server {
  /** The environment variables by which `@img/node-fs` and the command find it. */
  readonly env: {
    /** `url`. */
    readonly SFC_SERVER_URL: string;
    /** `token`. */
    readonly SFC_BEARER_AUTH: string;
  };
}

/**
 * Starts a server on a free port, in a temporary folder. `close()`, or `await using`, stops it at once with all
 * running calls, and deletes the folder.
 *
 * @throws {InvalidOptionError} An option is invalid.
 * @throws {TypeError} A fault is impossible.
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { faults = [], ...given } = options;
  const dir = await mkdtemp(join(tmpdir(), "img-test-server-"));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  let server: Server;
  try {
    server = await startServer({ checkDigest: true, drainMs: 0, ...given, dir, port: 0 });
  } catch (error) {
    await remove();
    throw error;
  }
  const close = (): Promise<void> => server.close().finally(remove);
  const env = { SFC_SERVER_URL: server.url, SFC_BEARER_AUTH: server.token };
  const running = { ...server, env, close, [Symbol.asyncDispose]: close };
  try {
    for (const fault of faults) server.faults.add(fault);
  } catch (error) {
    await close();
    throw error;
  }
  return running;
}
