import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A process that listens on a port, prints it, and accepts no connection. */
const listener = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** An address of this machine where a TCP connection is neither made nor refused. */
export async function startFullBacklog(): Promise<{
  readonly origin: string;
  readonly close: () => Promise<void>;
}> {
  const child = spawn(process.execPath, ["--eval", listener], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(text);
  const fillers: Socket[] = [];
  while (await connects(port, fillers));
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** Whether the kernel still accepts connections. */
function connects(port: number, fillers: Socket[]): Promise<boolean> {
  const filler = connect(port, "127.0.0.1").on("error", () => undefined);
  fillers.push(filler);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 500);
    filler.once("connect", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
