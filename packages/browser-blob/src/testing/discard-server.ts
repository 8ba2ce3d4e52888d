import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const id = "image_discarded";
const headers = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, content-type",
  "Access-Control-Allow-Methods": "GET, POST, PUT",
  "Access-Control-Expose-Headers": "ETag, Date",
  "Access-Control-Max-Age": "7200",
};

/** The Images API for a single upload, whose parts are read and thrown away: what a client can do at most. */
export class DiscardServer {
  readonly url: string;
  readonly #http: Server;

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  static async start(): Promise<DiscardServer> {
    const http = createServer({ highWaterMark: 1024 * 1024 }, (request, response) => {
      void answer(request, response);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new DiscardServer(http);
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = "" } = request;
  if (method === "PUT") {
    request.resume();
    await once(request, "end");
    response.writeHead(200, { ...headers, ETag: '"discarded"' }).end();
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  if (method === "OPTIONS") {
    response.writeHead(204, headers).end();
    return;
  }
  const given = JSON.parse(Buffer.concat(pieces).toString() || "{}") as Record<string, unknown>;
  const image = { object: "image", id, name: "disk", created_at: 1, sha256: null };
  const said = (): object => {
    if (url.endsWith("/parts")) {
      const { host = "" } = request.headers;
      return { url: `http://${host}/sink/${String(given["part_id"])}`, expires_at: 2 ** 31 };
    }
    if (url.endsWith("/complete"))
      return { ...image, upload_status: "completed", sha256: given["sha256"] };
    if (method === "POST") return { ...image, upload_status: "started" };
    return { object: "list", has_more: false, data: [] };
  };
  const status = method === "POST" && url.endsWith("/images") ? 201 : 200;
  response.writeHead(status, { ...headers, "Content-Type": "application/json" });
  response.end(JSON.stringify(said()));
}
