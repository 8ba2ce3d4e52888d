// A link of a given rate and delay in front of a port of this machine, for all connections together.
// node link-process.js PORT MBIT DELAY_MS: tells its own port by IPC, and ends with its parent.
import { connect, createServer, type AddressInfo } from "node:net";
import { Wire } from "./wire.js";

const [port, mbit, delayMs] = process.argv.slice(2).map(Number);
const bytesPerSec = mbit === 0 ? Infinity : (mbit! * 1_000_000) / 8;
const up = new Wire(bytesPerSec, delayMs! / 2);
const down = new Wire(bytesPerSec, delayMs! / 2);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const store = connect({ port: port!, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  for (const [socket, other] of [
    [client, store],
    [store, client],
  ] as const) {
    socket.on("error", () => other.destroy());
    socket.on("close", (hadError) => hadError && other.destroy());
  }
  up.carry(client, store);
  down.carry(store, client);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
