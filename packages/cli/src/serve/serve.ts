import { once } from "node:events";
import {
  addChaos,
  parseChaos,
  startServer,
  type Chaos,
  type Server,
  type ServerOptions,
} from "@img/local-server";
import { checkPort } from "./blocked-ports.js";
import { bundledPage } from "./bundled-page.js";
import { readGivenFile } from "./given-file.js";
import { endingSignals } from "../failure/interruption.js";
import { printEvent, printText, type OutputFlags } from "../report/output.js";
import { printable } from "../report/text-width.js";
import { readTokensFile } from "./tokens-file.js";
import { UsageError } from "../failure/usage-error.js";

export interface ServeFlags extends OutputFlags {
  readonly host: string;
  readonly port: number;
  readonly dir?: string;
  readonly store?: string;
  readonly s3Endpoint?: string;
  readonly s3PublicEndpoint?: string;
  readonly singleServer?: boolean;
  readonly tokens?: string;
  readonly workspaces?: string[];
  readonly drain?: number;
  readonly publicUrl?: string;
  readonly allowHost?: string[];
  readonly allowOrigin?: string[];
  readonly page?: boolean;
  readonly checkDigest?: boolean;
  readonly urlTtl?: number;
  readonly maxStore?: number;
  readonly maxAccount?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly chaos?: string;
  readonly force?: boolean;
}

/** Less than a second, like the end of every command. */
const drainMs = 700;
const defaultDir = "img-store";

/** Serves until a signal stops it. */
export async function serve(flags: ServeFlags): Promise<void> {
  const given = process.env["SFC_BEARER_AUTH"] || undefined;
  const starting = new AbortController();
  const stopped = stopSignal().then(() => starting.abort());
  const chaos = await chaosOf(flags);
  checkPort(flags.port);
  const { signal } = starting;
  const server = await startServer({
    signal,
    force: flags.force,
    ...keptIn(flags),
    host: flags.host,
    port: flags.port,
    ...(await callersOf(flags, given)),
    publicUrl: flags.publicUrl,
    allowHosts: flags.allowHost,
    allowOrigins: flags.allowOrigin,
    page: flags.page,
    pageFiles: bundledPage() ?? undefined,
    checkDigest: flags.checkDigest,
    urlTtlSec: flags.urlTtl,
    maxStoreBytes: flags.maxStore,
    maxAccountBytes: flags.maxAccount,
    tls: await tlsOf(flags),
    drainMs: flags.drain ?? drainMs,
    log: flags.verbose ? (line) => process.stderr.write(`${printable(line)}\n`) : undefined,
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return null; // it was stopped while it waited for the folder's lock
  });
  if (server === null) return;
  if (chaos !== null) await addChaosOrClose(server, chaos);
  printListening(flags, server, given === undefined && flags.tokens === undefined);
  const lapsed = await Promise.race([stopped, server.lapsed]);
  if (lapsed !== undefined) throw lapsed;
  await server.close();
  printEvent(flags, { event: "stopped" });
  printText(flags, "Stopped. Everything is kept.");
}

async function chaosOf({ chaos }: ServeFlags): Promise<Chaos | null> {
  if (chaos === undefined) return null;
  return parseChaos(await readGivenFile(chaos, "Give --chaos a JSON file of faults."));
}

async function addChaosOrClose(server: Server, chaos: Chaos): Promise<void> {
  try {
    addChaos(server.faults, chaos);
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Returns the folder or the bucket that keeps the images. */
function keptIn(flags: ServeFlags): Pick<ServerOptions, "dir" | "s3"> {
  // Users of the command cannot choose another Node because of the SDK, and its warning would appear among
  // the events.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { store, dir, s3Endpoint, s3PublicEndpoint, singleServer } = flags;
  if (store === undefined) {
    if (s3Endpoint ?? s3PublicEndpoint ?? singleServer) {
      throw new UsageError("The options of a bucket need --store s3://BUCKET.");
    }
    return { dir: dir ?? defaultDir };
  }
  if (dir !== undefined) throw new UsageError("Give --dir or --store, not both.");
  const [, bucket, prefix] = /^s3:\/\/([^/?#]+)(?:\/([^?#]*))?$/.exec(store) ?? [];
  if (bucket === undefined)
    throw new UsageError("--store is like s3://BUCKET or s3://BUCKET/PREFIX.");
  const reached = { endpoint: s3Endpoint, publicEndpoint: s3PublicEndpoint };
  return { s3: { bucket, prefix, ...reached, singleServer } };
}

async function callersOf(
  { tokens, workspaces }: ServeFlags,
  given: string | undefined,
): Promise<Pick<ServerOptions, "accounts" | "token" | "workspaces">> {
  if (tokens === undefined) return { token: given, workspaces };
  if (workspaces) {
    throw new UsageError("With --tokens, its file names the workspaces of each account.");
  }
  return { accounts: await readTokensFile(tokens) };
}

async function stopSignal(): Promise<void> {
  const names = endingSignals();
  await Promise.race(names.map((name) => once(process, name)));
  // A second signal does not wait.
  for (const name of names) process.once(name, () => process.exit(0));
}

async function tlsOf({
  tlsCert,
  tlsKey,
}: ServeFlags): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError("--tls-cert and --tls-key come together.");
  }
  const cert = await readGivenFile(tlsCert, "Give --tls-cert a certificate, as PEM.");
  const key = await readGivenFile(tlsKey, "Give --tls-key the certificate's key, as PEM.");
  return { cert, key };
}

function printListening(flags: ServeFlags, server: Server, made: boolean): void {
  const { url, token } = server;
  // A token that the user set is not printed.
  const told = made ? { url, token } : { url };
  printEvent(flags, { event: "listening", ...told });
  printText(
    flags,
    `Serving ${flags.store ?? flags.dir ?? defaultDir} on ${url}. Stop with Ctrl-C.`,
    "",
  );
  printText(flags, `  export SFC_SERVER_URL=${url}`);
  if (made && !flags.json) process.stdout.write(`  export SFC_BEARER_AUTH=${token}\n`);
  if (!flags.json) printPage(flags, server);
}

/**
 * Prints the link to the page. A sign-in code is printed to a terminal only, since piped output may be stored.
 */
function printPage({ tokens }: ServeFlags, server: Server): void {
  if (!process.stdout.isTTY || tokens !== undefined) return;
  const code = server.signInCode();
  if (code === null) return;
  process.stdout.write(
    `\nOpen ${server.url}/#code=${code} in a browser. The link signs in once, within 5 minutes.\n`,
  );
}
