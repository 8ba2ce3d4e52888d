import type { Socket } from "node:net";

/**
 * Keeps the query of a URL from undici, which publishes each request on its diagnostics channels, where tracers write it
 * down. undici gets the path alone, and the query is inserted when the head of the request is written to the socket. The
 * query makes a presigned URL a password.
 */
export class HiddenQuery {
  /** How the head of the request begins, as undici writes it. */
  #given = "";
  /** The same with the query. */
  #whole = "";
  #isWritten = true;

  /** @param path With its query. @returns What undici is given. */
  hide(method: string, path: string): string {
    const [given = ""] = path.split("?", 1);
    this.#given = `${method} ${given} HTTP/1.1\r\n`;
    this.#whole = `${method} ${path} HTTP/1.1\r\n`;
    this.#isWritten = false;
    return given;
  }

  /** Makes the socket's `write` insert the query. Called once, before anything is written. */
  serve(socket: Socket): void {
    const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
    socket.write = (chunk: unknown, ...rest: unknown[]) => write(this.#with(chunk), ...rest);
  }

  /** undici writes a head as one text. @throws {Error} It wrote something else first. */
  #with(chunk: unknown): unknown {
    if (typeof chunk === "string" && chunk.startsWith(this.#given)) {
      this.#isWritten = true;
      return this.#whole + chunk.slice(this.#given.length);
    }
    if (!this.#isWritten) throw new Error("bug: a request does not begin with its head");
    return chunk;
  }
}
