import type { Socket } from "node:net";

/**
 * The number of bytes of a socket that the kernel has not taken yet. Node reports a write only when all of it has left;
 * its own idle timers look at this number too. Over TLS only the number of the TCP connection below changes.
 */
export function queuedBytes(socket: Socket): number {
  let handle: unknown = Reflect.get(socket, "_handle");
  for (let below = handle; isObject(below); below = Reflect.get(below, "_parent")) handle = below;
  const bytes: unknown = isObject(handle) ? Reflect.get(handle, "writeQueueSize") : 0;
  return typeof bytes === "number" ? bytes : 0;
}

/** The most that one write to TLS passes on at once: one record. */
const oneWriteBytes = 16 * 1024;

/**
 * Whether the kernel has taken all that was written to a socket. Over TLS `writableLength` says so a turn of the
 * event loop later, after what has come was read: on a thread that was held up, a quick store's answer.
 */
export function hasLeft(socket: Socket): boolean {
  if (socket.writableLength === 0) return true;
  const isBeingWritten = socket.writableCorked === 0 && socket.writableLength <= oneWriteBytes;
  const waiting: unknown = Reflect.get(socket, "writableBuffer");
  const isLast = Array.isArray(waiting) && waiting.length === 0;
  return isBeingWritten && isLast && queuedBytes(socket) === 0;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
