import type { Socket } from "node:net";
import { ConnectionError } from "./transport-error.js";

/**
 * Tells undici of the end of a connection when its parser can take it. Once, after the connection is made.
 *
 * - A parser that is held back by a slow reader fails an assertion at the end of the socket, outside of every request
 *   (nodejs/undici#5360, in all of 7.x): the end waits until it reads again.
 * - A reset would end an answer without a length as if it were complete: it is a failure (RFC 9112, section 8).
 */
export function endGracefully(socket: Socket): void {
  const read = socket.read.bind(socket) as (bytes?: number) => unknown;
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  let [isHeldBack, endWaits, hasFailed] = [false, false, false];

  function end(): void {
    socket.emit("end");
    if (!endWaits) socket.end();
  }
  socket.read = (bytes?: number) => {
    const chunk = read(bytes);
    if (bytes !== undefined) return chunk; // Node itself
    isHeldBack = chunk !== null; // a parser that is not reads until there is nothing
    if (!isHeldBack && endWaits) {
      endWaits = false;
      setImmediate(end);
    }
    return chunk;
  };
  socket.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event === "end" && isHeldBack) return (endWaits = socket.allowHalfOpen = true);
    if (event === "error") {
      hasFailed = true;
      return emit(event, isReset(args[0]) ? closed("the connection was reset") : args[0]);
    }
    if (event === "close" && isHeldBack && !hasFailed) {
      emit("error", closed("the connection was closed"));
    }
    return emit(event, ...args);
  };
}

const isReset = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNRESET";

/** With the code that undici gives to a connection that the other side closed. */
const closed = (message: string): Error => new ConnectionError("UND_ERR_SOCKET", message);
