import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How many requests a client may send before it has read their answers. */
const MAX_WAITING = 100;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Handles the requests of a connection one at a time. Node passes requests on as they are read, and does not
 * report the end of the connection to those that wait behind another, so they would never end. Requests that
 * wait when the connection ends are dropped.
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
