import { expect, test } from "vitest";
import { atOnceMs, MiB, script, type Ran, type Script } from "../testing/script.js";

const operations = ["list", "create", "get", "partUrl", "part", "complete"] as const;
/** Three parts: the smallest image with a first, a middle and a last part. */
const imageBytes = 10 * MiB + 1;
/** A list, a start, three URLs, three PUTs and a completion. */
const requestsOfUpload = 9;
/** Together with the requests, fifty moments. */
const moments = 41;
const args = (name: string): string[] => ["upload", "a.img", "--name", name, "--part-size", "5M"];

async function finishes({ img }: Script, name: string, sha256: string): Promise<void> {
  const again = await img(...args(name), "--json");
  expect(again.stderr).toBe("");
  expect(again.events.at(-1)).toMatchObject({ event: "completed", sha256 });
}

test("Ctrl-C at any request of an upload ends it at once, and the same command finishes it", async () => {
  const world = await script();
  const sha256 = world.file("a.img", imageBytes);
  for (let moment = 1; moment <= requestsOfUpload; moment++) {
    const running = world.start(...args(`at-${moment}`), "--json");
    let seen = 0;
    let sentMs = Infinity;
    const hit = (): boolean => {
      if (++seen !== moment) return false;
      sentMs = performance.now();
      running.process.kill("SIGINT");
      return true;
    };
    // The server does what the request asks, but does not answer: an answer could arrive before the signal.
    const watching = operations.map((on) =>
      world.server.faults.add({ on, do: "lose-answer", by: "silence", only: hit }),
    );
    const { code } = await running.done;
    expect(performance.now() - sentMs).toBeLessThan(atOnceMs);
    expect(code).toBe(130);
    for (const one of watching) one.remove();
    await finishes(world, `at-${moment}`, sha256);
  }
}, 300_000);

test("uploads that are stopped with Ctrl-C at any moment from their start to their end are all finished by one command", async () => {
  const world = await script();
  const sha256 = world.file("a.img", imageBytes);
  for (let moment = 0; moment < moments; moment++) {
    const { code } = await stoppedAt(world, moment);
    // Before img has installed its handlers, a signal ends it like any other process.
    expect([0, 130, null]).toContain(code);
  }
  expect(await world.img("transfers", "resume", "--quiet")).toMatchObject({ code: 0, stderr: "" });
  const { events } = await world.img("list", "--json");
  expect(events.length).toBeGreaterThan(moments / 2);
  for (const image of events) expect(image).toMatchObject({ uploadStatus: "completed", sha256 });
}, 300_000);

/**
 * Presses Ctrl-C after this many events: printed lines, and requests that reached the server. Every other time,
 * the test first lets the command run for a few turns of the test's event loop.
 */
async function stoppedAt({ start, server }: Script, moment: number): Promise<Ran> {
  const running = start(...args(`upload-${moment}`), "--json", "-v");
  let happened = 0;
  const count = (): boolean => {
    if (happened++ === Math.floor(moment / 2)) void press();
    return false;
  };
  const press = async (): Promise<void> => {
    const turns = moment % 2 === 0 ? 0 : 50;
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    running.process.kill("SIGINT");
  };
  const watching = operations.map((on) => server.faults.add({ on, do: "stall", only: count }));
  running.process.once("spawn", count);
  running.process.stdout!.on("data", (lines: string) => lines.match(/\n/g)?.forEach(count));
  const ran = await running.done;
  for (const one of watching) one.remove();
  return ran;
}
