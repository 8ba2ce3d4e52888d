import { authenticator } from "./api/accounts.js";
import { imagesApi } from "./api/images-api.js";
import { workspacesOf } from "./api/workspace-access.js";
import { BrokenConnections } from "./faults/broken-connections.js";
import { FaultPlan } from "./faults/faults.js";
import type { Faults } from "./faults/faults.js";
import { withFaults } from "./faults/with-faults.js";
import { ApiError } from "./http/answer.js";
import type { Handler, Operation } from "./http/call.js";
import { failures } from "./http/failures.js";
import { Listener } from "./http/listener.js";
import { metrics } from "./http/metrics.js";
import { withRefusals } from "./http/refusal.js";
import { handleRequest } from "./http/request-handler.js";
import { openStore } from "./open-store.js";
import type { OpenedStore } from "./open-store.js";
import { resolveOptions } from "./options.js";
import type { ResolvedOptions, ServerOptions } from "./options.js";
import { servePage } from "./web/page.js";
import { SignInCodes } from "./web/sign-in-codes.js";
import { startSweeping } from "./sweeping.js";

/** A running server. */
export interface Server extends AsyncDisposable {
  /** The URL by which this machine reaches it: `http://127.0.0.1:PORT`, or `https://…`. */
  readonly url: string;
  /** The first account's token. */
  readonly token: string;
  /**
   * A new code that the page exchanges for that token, once and within five minutes: open `URL/#code=CODE`. Null
   * where no page is served.
   */
  signInCode(): string | null;
  /** The faults with which it misbehaves. */
  readonly faults: Faults;
  /** The number of requests of each operation, including those that a fault hit. */
  readonly requests: Readonly<Record<Operation, number>>;
  /**
   * Resolves if the folder's lock was not renewed in time. The server has then closed itself, and writes
   * nothing more, since another server may have the folder.
   */
  readonly lapsed: Promise<Error>;
  /**
   * Accepts no new calls, waits up to `drainMs` for running ones, then cuts them and releases the folder. May
   * be called again.
   */
  close(): Promise<void>;
}

/**
 * Opens the folder (created if missing) or the bucket, and listens. `close()` it.
 *
 * @throws {InvalidOptionError} An option is invalid.
 * @throws {StoreLockedError} Another live process serves the folder.
 * @throws {FolderUnusableError} The folder cannot be created or written to.
 * @throws {BucketUnusableError | ConditionalWritesError | SdkMissingError | StoreUnfitError} The bucket cannot
 * be used.
 */
export async function startServer(given: ServerOptions): Promise<Server> {
  const options = resolveOptions(given);
  const counted = metrics();
  const failed = failures(options.warn, counted);
  const opened = await openStore(options, (id, error) => failed.ofSweep(error, id));
  const sweeping = startSweeping(opened.images, failed);
  // A bucket may be large: the start does not wait for its sweep.
  if (options.keptIn.in === "folder") await sweeping.first;
  const listener = new Listener(options);
  const plan = new FaultPlan();
  const connections = new BrokenConnections(listener.http);
  const handler = withRefusals(handlerOf(options, opened), failed);
  const handle = withFaults(handler, {
    plan,
    connections,
    markFailed: (id) => opened.images.fail(id),
  });
  const codes = new SignInCodes(options.accounts[0].token, options.clock);
  const page = options.page ? servePage(opened.origins, options.pageFiles, codes) : null;
  const { sockets } = listener;
  const site = { settings: options, handle, page, sockets, metrics: counted, failed };
  listener.handle((request, response) => handleRequest(site, request, response));
  try {
    await listener.listen();
  } catch (error) {
    sweeping.stop();
    await opened.close();
    throw error;
  }
  const stop = async () => {
    sweeping.stop();
    connections.releaseAll();
    await listener.close(options.drainMs).finally(() => opened.close());
  };
  const { token } = options.accounts[0];
  const signInCode = () => (page === null ? null : codes.issue());
  return running(listener, { token, signInCode, plan, lapsed: opened.lapsed, stop });
}

/** Makes the handler of the API and of a folder's URLs. */
function handlerOf({ accounts }: ResolvedOptions, { images, objects }: OpenedStore): Handler {
  const api = imagesApi(images, authenticator(accounts), workspacesOf(accounts));
  return (call) => {
    const { operation } = call;
    if (operation !== "part" && operation !== "download") return api.handle(call, operation);
    if (objects !== undefined) return objects.handle(call, operation);
    throw new ApiError(404, "Not found.");
  };
}

function running(
  listener: Listener,
  {
    token,
    signInCode,
    plan,
    lapsed,
    stop,
  }: Pick<Server, "token" | "signInCode" | "lapsed"> & {
    plan: FaultPlan;
    stop: () => Promise<void>;
  },
): Server {
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= stop());
  return {
    url: listener.url,
    token,
    signInCode,
    faults: plan,
    requests: plan.requests,
    lapsed: lapsed.then(async (error) => {
      listener.sockets.destroyAll();
      await close().catch(() => undefined); // the loss of the lock says more
      return error;
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
