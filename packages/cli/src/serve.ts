import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { addChaos, parseChaos, startServer, type Chaos, type Server } from "@img/local-server";
import { printEvent, printText } from "./output.js";
import type { ServeFlags } from "./serve-command.js";
import { UsageError } from "./usage-error.js";

/** Less than a second, as every command ends. */
const drainMs = 700;

/** Serves until a signal says that it is enough. */
export async function serve(flags: ServeFlags): Promise<void> {
  const given = process.env["SFC_BEARER_AUTH"] || undefined;
  const stopped = stopSignal();
  const chaos = flags.chaos === undefined ? null : parseChaos(await readFile(flags.chaos, "utf8"));
  const server = await startServer({
    dir: flags.dir,
    host: flags.host,
    port: flags.port,
    token: given,
    publicUrl: flags.publicUrl,
    allowHosts: flags.allowHost,
    allowOrigins: flags.allowOrigin,
    page: flags.page,
    checkDigest: flags.checkDigest,
    urlTtlSec: flags.urlTtl,
    maxStoreBytes: flags.maxStore,
    tls: await tlsOf(flags),
    drainMs,
    log: flags.verbose ? (line) => process.stderr.write(`${line}\n`) : undefined,
  });
  if (chaos !== null) await addChaosOrClose(server, chaos);
  tellListening(flags, server, given === undefined);
  await stopped;
  await server.close();
  printEvent(flags, { event: "stopped" });
  printText(flags, "Stopped. Everything is kept.");
}

async function addChaosOrClose(server: Server, chaos: Chaos): Promise<void> {
  try {
    addChaos(server.faults, chaos);
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function stopSignal(): Promise<void> {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"];
  await Promise.race(names.map((name) => once(process, name)));
  // A second one does not wait.
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
  const [cert, key] = await Promise.all([readFile(tlsCert, "utf8"), readFile(tlsKey, "utf8")]);
  return { cert, key };
}

function tellListening(flags: ServeFlags, { url, token }: Server, made: boolean): void {
  printEvent(flags, { event: "listening", url, token });
  printText(flags, `Serving ${flags.dir} on ${url}. Stop with Ctrl-C.\n`);
  printText(flags, `  export SFC_SERVER_URL=${url}`);
  // The one who gave it has it.
  if (made && !flags.json) process.stdout.write(`  export SFC_BEARER_AUTH=${token}\n`);
}
