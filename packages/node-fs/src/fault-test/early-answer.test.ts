import { createServer, type AddressInfo, type Socket } from "node:net";
import { request } from "undici";
import { expect, onTestFinished, test, vi } from "vitest";
import { MiB, seededBytes, sha256Of } from "../testing/seeded.js";
import { openWorld } from "../testing/world.js";

vi.mock(import("../clock.js"), async () => ({
  systemClock: (await import("../testing/fast-clock.js")).fastClock,
}));

const partBytes = 12 * MiB; // more than the sockets' buffers take
const image = seededBytes("early", 3 * partBytes);
const ETag = '"0123456789abcdef0123456789abcdef"';

// fault O01
test.each([
  [1, 1],
  [2, 1],
  [2, 2],
])(
  "a part that is answered with 200 before its body is through, and read late, is no receipt, and no byte of another part goes out under its number (%i lanes, %i threads)",
  async (lanes, threads) => {
    const store = await startLateReader();
    const world = await openWorld({ publicUrl: `http://127.0.0.1:${store.port}` });
    store.forwardTo(world.port);
    const path = await world.file("image.raw", image);

    const result = await world.upload(path, {
      partBytes,
      lanes,
      threads,
      memoryBytes: lanes * partBytes,
    });

    const first = store.bodies[0]!; // with several lanes, whichever came first
    expect(first.answered).toBe("early");
    expect(store.bodies.filter(({ part }) => part === first.part)).toHaveLength(2);
    for (const { part, memory, takenBytes } of store.bodies) {
      const from = (part - 1) * partBytes;
      const right = image.subarray(from, from + takenBytes);
      expect(memory.subarray(0, takenBytes).equals(right), `part ${part}`).toBe(true);
    }
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(image));
  },
);

/** One part's body, as far as it came. */
interface Body {
  readonly part: number;
  readonly path: string;
  readonly answered: "early" | "when through";
  readonly memory: Buffer;
  takenBytes: number;
}

/**
 * An object store before the real one: it answers the first part after its first bytes, continues reading
 * a while later, and passes all other parts on.
 */
async function startLateReader(): Promise<{
  readonly port: number;
  readonly bodies: readonly Body[];
  forwardTo(port: number): void;
}> {
  const bodies: Body[] = [];
  let target = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined); // the client may break off
    void serveParts(socket, bodies, () => target);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    port: (server.address() as AddressInfo).port,
    bodies,
    forwardTo: (port) => {
      target = port;
    },
  };
}

async function serveParts(socket: Socket, bodies: Body[], target: () => number): Promise<void> {
  let head = "";
  let body: Body | null = null;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      let bytes = chunk;
      if (body === null) {
        head += chunk.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) continue;
        bytes = Buffer.from(head.slice(end + 4), "latin1");
        body = bodyOf(head, bodies.length === 0 ? "early" : "when through");
        head = "";
        bodies.push(body);
        if (body.answered === "early") await answerEarly(socket);
      }
      bytes.copy(body.memory, body.takenBytes);
      body.takenBytes += bytes.length;
      if (body.takenBytes < body.memory.length) continue;
      if (body.answered === "when through") await passOn(socket, body, target());
      body = null;
    }
  } catch {
    // The client broke off: what came until then is recorded.
  }
}

function bodyOf(head: string, answered: Body["answered"]): Body {
  const path = /^PUT (\S+) /.exec(head)![1]!;
  const memory = Buffer.alloc(Number(/content-length: (\d+)/i.exec(head)![1]));
  return { part: Number(/parts\/(\d+)/.exec(path)![1]), path, answered, memory, takenBytes: 0 };
}

async function answerEarly(socket: Socket): Promise<void> {
  socket.write(`HTTP/1.1 200 OK\r\nETag: ${ETag}\r\nContent-Length: 0\r\n\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 150)); // meanwhile the client has seen it
}

async function passOn(socket: Socket, { path, memory }: Body, port: number): Promise<void> {
  const answer = await request(`http://127.0.0.1:${port}${path}`, {
    method: "PUT",
    body: memory,
    reset: true,
  });
  await answer.body.dump();
  socket.write(
    `HTTP/1.1 ${answer.statusCode} OK\r\nETag: ${String(answer.headers["etag"])}\r\nContent-Length: 0\r\n\r\n`,
  );
}
