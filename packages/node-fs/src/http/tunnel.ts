import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Proxy } from "./proxies.js";
import { ConnectionError } from "./transport-error.js";

/**
 * Asks a proxy to connect a socket through to a server.
 *
 * @param socket A connection to the proxy, which stays the caller's to close.
 * @param target Host and port of the server.
 * @throws {ConnectionError} The proxy refuses.
 */
export async function openTunnel(socket: Socket, target: string, proxy: Proxy): Promise<void> {
  const { authorization } = proxy;
  const { request } = await import("node:http"); // few have a proxy, and it takes long to load
  const asking = request({
    method: "CONNECT",
    path: target,
    headers: {
      host: target,
      "proxy-connection": "keep-alive",
      ...(authorization === null ? {} : { "proxy-authorization": authorization }),
    },
    createConnection: () => socket,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("close", () => reject(new ConnectionError("ECONNRESET")));
    asking.once("error", reject);
    asking.once("connect", ({ statusCode = 0 }: IncomingMessage, _: Socket, rest: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        reject(new ConnectionError(`the proxy answered ${statusCode}`));
      } else if (rest.length > 0) {
        reject(new ConnectionError("the proxy sent bytes before they were requested"));
      } else resolve();
    });
    asking.end();
  });
}
