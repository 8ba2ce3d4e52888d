// A server that costs almost nothing: it answers the Images API, discards what it is sent, and serves one file.
// Started by sink.ts, as one process or as several that share a port.
import { openSync, fstatSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { HttpConnection, type HttpHandler } from "./http-connection.js";
import { answerApi } from "./images-api.js";
import { answerStore } from "./object-store.js";
import type { SinkReport, Tally } from "./sink.js";

const [file = "", sha256 = "", certificate = "", key = "", host = ""] = process.argv.slice(2);
const fd = openSync(file, "r");
const blob = { fd, sizeBytes: fstatSync(fd).size };

const nothing = { partBytes: 0, firstRequestAtMs: null, firstPartByteAtMs: null };
let tally: Omit<Tally, "openConnections"> = nothing;
let openConnections = 0;

const handler: HttpHandler = {
  requestBegan: () => {
    if (tally.firstRequestAtMs === null) tally = { ...tally, firstRequestAtMs: Date.now() };
  },
  bodyMoved: (method, bytes) => {
    if (method !== "PUT") return;
    const firstPartByteAtMs = tally.firstPartByteAtMs ?? Date.now();
    tally = { ...tally, partBytes: tally.partBytes + bytes, firstPartByteAtMs };
  },
  answer: (request, connection) =>
    request.target.startsWith("/v2/images")
      ? answerApi(request, { sizeBytes: blob.sizeBytes, sha256 })
      : answerStore(request, connection, blob),
};

const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key), minVersion: "TLSv1.3" },
  (socket) => {
    openConnections++;
    socket.once("close", () => openConnections--);
    return new HttpConnection(socket.setNoDelay(true), handler);
  },
);
server.listen(0, host, () => {
  report({ type: "listening", port: (server.address() as AddressInfo).port });
});

process.on("message", (asked) => {
  report({ type: "tally", tally: { ...tally, openConnections } });
  if (asked === "reset") tally = nothing;
});
process.on("disconnect", () => process.exit());

function report(message: SinkReport): void {
  process.send?.(message);
}
