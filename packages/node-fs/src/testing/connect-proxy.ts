import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** An HTTP proxy. */
export interface ConnectProxy {
  readonly url: string;
  /** The targets of `CONNECT` requests, in order. */
  readonly targets: readonly string[];
  /** Hosts that requests were forwarded to, in order. */
  readonly forwarded: readonly string[];
  /** `Proxy-Authorization` of the last request. */
  readonly authorization: string | undefined;
  close(): Promise<void>;
}

/** What it does instead of what was asked. */
export interface ProxyHabits {
  /** It answers each `CONNECT` with this status, and connects nothing. */
  readonly connectStatus?: number;
  /** It answers each request that it should forward with this status. */
  readonly forwardStatus?: number;
  /** It never answers a `CONNECT`. */
  readonly silent?: boolean;
  /** Connects the two ends of a tunnel that was made. */
  readonly carry?: (client: Socket, upstream: Socket) => void;
}

export async function startConnectProxy(habits: ProxyHabits = {}): Promise<ConnectProxy> {
  const targets: string[] = [];
  const forwarded: string[] = [];
  let authorization: string | undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const server = createServer((request, response) => {
    authorization = request.headers["proxy-authorization"];
    forwarded.push(new URL(request.url!).host);
    if (habits.forwardStatus !== undefined) response.writeHead(habits.forwardStatus).end();
    else forward(request, response);
  });
  server.on("connection", keep);
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    targets.push(request.url!);
    authorization = request.headers["proxy-authorization"];
    if (habits.silent === true) return;
    const { connectStatus = 200 } = habits;
    if (connectStatus !== 200) return void client.end(`HTTP/1.1 ${connectStatus} No\r\n\r\n`);
    const { hostname, port } = new URL(`tcp://${request.url!}`);
    tunnel(client, keep(connect(Number(port), hostname)), habits.carry ?? carryAll);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    forwarded,
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

const carryAll = (client: Socket, upstream: Socket): void =>
  void client.pipe(upstream).pipe(client);

function tunnel(client: Socket, upstream: Socket, carry: NonNullable<ProxyHabits["carry"]>): void {
  upstream.once("connect", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    carry(client, upstream);
  });
  upstream.once("close", () => client.destroy());
  client.once("close", () => upstream.destroy());
}

function forward(request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith("proxy-"));
  const onward = ask(request.url!, { method, headers: Object.fromEntries(kept) }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.on("error", () => response.destroy()).pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.once("close", () => onward.destroy());
  request.pipe(onward);
}
