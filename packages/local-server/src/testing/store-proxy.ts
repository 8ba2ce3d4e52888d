import { createServer, request as forward } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { testEndpoint } from "./test-bucket.js";

/** A request from the server to its store. */
export interface StoreRequest {
  readonly method: string;
  /** The path: the bucket and the key. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

/**
 * What happens to a request: it passes, perhaps without one of its headers; or gets another answer; or the
 * server is dead from then on, before the store gets the request ("die-before") or after it has done it
 * ("die-after").
 */
export type Fate =
  | "pass"
  | "die-before"
  | "die-after"
  | { readonly without: string }
  | { readonly status: number; readonly code: string };

export interface StoreProxy {
  /** The value for `s3.endpoint` of the server behind it. */
  readonly endpoint: string;
  /** Lets a dead server come back as a new one, since a server keeps no state of its own. */
  revive(): void;
}

/** Starts a proxy between one server and the real store, which decides on each request. */
export async function storeProxy(fateOf: (request: StoreRequest) => Fate): Promise<StoreProxy> {
  let isDead = false;
  const proxy = createServer((incoming, outgoing) => {
    if (isDead) return void incoming.socket.destroy();
    const fate = fateOf(storeRequest(incoming));
    if (typeof fate === "object" && "status" in fate) {
      incoming.resume();
      return void outgoing
        .writeHead(fate.status, { "Content-Type": "application/xml" })
        .end(`<Error><Code>${fate.code}</Code><Message>As ordered.</Message></Error>`);
    }
    if (typeof fate === "object") Reflect.deleteProperty(incoming.headers, fate.without);
    if (fate === "die-before") die();
    else pass(incoming, outgoing, fate === "die-after" ? die : undefined);
  });
  const die = () => {
    isDead = true;
    proxy.closeAllConnections();
  };
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const revive = () => void (isDead = false);
  return { endpoint: `http://127.0.0.1:${port}`, revive };
}

function storeRequest({ method = "", url = "", headers }: IncomingMessage): StoreRequest {
  const { pathname, searchParams } = new URL(url, "http://store");
  return { method, path: pathname, query: searchParams, headers };
}

/** Passes a request on. @param dying Called instead of sending the answer. */
function pass(incoming: IncomingMessage, outgoing: ServerResponse, dying?: () => void): void {
  const { hostname, port } = new URL(testEndpoint!);
  const { method, url: path, headers } = incoming;
  const going = forward({ hostname, port, method, path, headers }, (answer) => {
    if (dying) return void answer.resume().on("end", dying);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  going.on("error", () => outgoing.destroy());
  incoming.pipe(going);
}
