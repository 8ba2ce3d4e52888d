import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { ReceivedRequest, StoreAnswer } from "@img/transfer/contracts";

/** As text, a character a byte: what goes between Node and a page is JSON. */
export type Told<Whole extends { readonly body: Uint8Array }> = Omit<Whole, "body"> & {
  readonly body: string;
};

/** A store that answers each URL as it was told, and lets every page use it. */
export class ContractStore {
  readonly #server: Server;
  readonly #answers: Told<StoreAnswer>[] = [];
  readonly #received: Told<ReceivedRequest>[][] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<ContractStore> {
    const store = new ContractStore();
    store.#server.listen(0, "127.0.0.1");
    await once(store.#server, "listening");
    return store;
  }

  serve(answer: Told<StoreAnswer>): string {
    const number = this.#answers.push(answer) - 1;
    this.#received.push([]);
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${number}?signature=secret`;
  }

  received(url: string): readonly Told<ReceivedRequest>[] {
    return this.#received[numberIn(new URL(url).pathname)]!;
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), "close");
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const name of ["Origin", "Methods", "Headers"]) {
      response.setHeader(`Access-Control-Allow-${name}`, "*");
    }
    response.setHeader("Access-Control-Expose-Headers", "*");
    const body = await buffer(request).catch(() => null);
    if (body === null) return; // it was aborted
    if (request.method === "OPTIONS") return void response.end();
    const number = numberIn(new URL(request.url ?? "", "http://store").pathname);
    const { method = "", headers } = request;
    this.#received[number]!.push({
      method,
      headers: onlyText(headers),
      body: body.toString("latin1"),
    });
    send(this.#answers[number]!, response);
  }
}

function send({ status, headers, body, ends }: Told<StoreAnswer>, response: ServerResponse): void {
  if (ends === "silence") return;
  if (ends === "before its head") response.socket?.resetAndDestroy();
  const bytes = Buffer.from(body, "latin1");
  response.writeHead(status, { ...headers, "content-length": String(bytes.length) });
  if (ends !== "halfway") return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.resetAndDestroy());
}

const numberIn = (pathname: string): number => Number(pathname.slice(1));

const onlyText = (headers: IncomingMessage["headers"]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
