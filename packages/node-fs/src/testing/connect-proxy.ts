import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** An HTTP proxy that knows one method: CONNECT. */
export interface ConnectProxy {
  readonly url: string;
  /** Where it was asked to connect to, in order. */
  readonly targets: readonly string[];
  /** `Proxy-Authorization` of the last request. */
  readonly authorization: string | undefined;
  close(): Promise<void>;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const targets: string[] = [];
  let authorization: string | undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connection", keep);
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    targets.push(request.url!);
    authorization = request.headers["proxy-authorization"];
    const { hostname, port } = new URL(`tcp://${request.url!}`);
    const upstream = keep(connect(Number(port), hostname));
    upstream.once("connect", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    upstream.once("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    get authorization() {
      return authorization;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
