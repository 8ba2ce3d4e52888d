import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How many requests a client may send ahead of their answers. */
const MAX_WAITING = 100;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Handles the requests of a connection one at a time. Node gives them out as they are read, and tells those whose
 * answer waits behind another nothing of the connection's end: they would never be over. What waits when the
 * connection ends is not handled.
 */
export function oneAfterTheOther(handle: Handle): Handle {
  const queues = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    const queue = queues.get(socket);
    const begin = () => {
      response.once("close", () => {
        const next = queues.get(socket)?.shift();
        if (next === undefined || socket.destroyed) queues.delete(socket);
        else next();
      });
      handle(request, response);
    };
    if (queue === undefined) {
      queues.set(socket, []);
      begin();
    } else if (queue.length < MAX_WAITING) queue.push(begin);
    else socket.destroy();
  };
}
