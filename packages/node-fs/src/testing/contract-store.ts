import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import { buffer } from "node:stream/consumers";
import type { ReceivedRequest, StoreAnswer } from "@img/transfer/contracts";

interface Keys {
  readonly cert: string;
  readonly key: string;
}

/** An object store that gives each URL the answer that the test has set. Pages of every origin may use it. */
export class ContractStore {
  readonly #server: Server;
  readonly #answers: StoreAnswer[] = [];
  readonly #received: ReceivedRequest[][] = [];

  readonly #scheme: string;

  private constructor(tls: Keys | null) {
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#answer(request, response);
    this.#scheme = tls === null ? "http" : "https";
    this.#server = tls === null ? createServer(listener) : createTlsServer(tls, listener);
  }

  static async start(tls: Keys | null = null): Promise<ContractStore> {
    const store = new ContractStore(tls);
    store.#server.listen(0, "127.0.0.1");
    await once(store.#server, "listening");
    return store;
  }

  serve(answer: StoreAnswer): string {
    const number = this.#answers.push(answer) - 1;
    this.#received.push([]);
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://127.0.0.1:${port}/${number}?signature=secret`;
  }

  received(url: string): readonly ReceivedRequest[] {
    return this.#received[numberIn(new URL(url).pathname)]!;
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), "close");
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const name of ["Allow-Origin", "Allow-Methods", "Allow-Headers", "Expose-Headers"]) {
      response.setHeader(`Access-Control-${name}`, "*");
    }
    const body = await buffer(request).catch(() => null);
    if (body === null) return; // it was aborted
    if (request.method === "OPTIONS") return void response.end();
    const { pathname } = new URL(request.url ?? "", "http://store");
    const { method = "", headers } = request;
    this.#received[numberIn(pathname)]!.push({ method, headers: onlyText(headers), body });
    send(this.#answers[numberIn(pathname)]!, response);
  }
}

function send({ status, headers, body, ends }: StoreAnswer, response: ServerResponse): void {
  if (ends === "silence") return;
  if (ends === "before its head") breakOff(response);
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  if (ends !== "halfway") return void response.end(body);
  response.write(body.subarray(0, body.length / 2), () => breakOff(response));
}

/** Ends a connection by a reset; one over TLS, which has no reset, by closing it. */
function breakOff({ socket }: ServerResponse): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

const numberIn = (pathname: string): number => Number(pathname.slice(1));

const onlyText = (headers: IncomingMessage["headers"]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
