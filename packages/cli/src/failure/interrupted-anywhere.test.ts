import { expect, test } from "vitest";
import { atOnceMs, MiB, script, type Script } from "../testing/script.js";

const operations = ["list", "create", "get", "partUrl", "part", "complete"] as const;
/** Three parts: the shortest image that has a first, a middle and a last one. */
const imageBytes = 10 * MiB + 1;
/** A list, a start, three URLs, three PUTs, and a completion. */
const requestsOfUpload = 9;
/** With those of the requests, fifty. */
const instants = 41;
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
    // What the request asks for is done, but an answer could be there before the signal.
    const watching = operations.map((on) =>
      world.server.faults.add({ on, do: "lose-answer", by: "silence", only: hit }),
    );
    const { code } = await running.done;
    expect(performance.now() - sentMs).toBeLessThan(atOnceMs);
    expect(code).toBe(130);
    for (const one of watching) one.remove();
    await finishes(world, `at-${moment}`, sha256);
  }
}, 120_000);

test("an upload that is stopped with Ctrl-C at any time from its start to its end is finished by the same command", async () => {
  const world = await script();
  const sha256 = world.file("a.img", imageBytes);
  const wholeMs = (await world.img(...args("whole"), "--json")).tookMs;
  let name = "upload-0";
  for (let instant = 0; instant < instants; instant++) {
    const running = world.start(...args(name), "--json");
    let sentMs = Infinity;
    const press = (): void => {
      sentMs = performance.now();
      running.process.kill("SIGINT");
    };
    const timer = setTimeout(press, (wholeMs * (instant + 0.5)) / instants);
    const ran = await running.done;
    clearTimeout(timer);
    if (sentMs !== Infinity) expect(performance.now() - sentMs).toBeLessThan(atOnceMs);
    if (ran.events.some(({ event }) => event === "completed")) {
      // It was done before its moment came: the next moments are those of another upload.
      name = `upload-${instant + 1}`;
    } else {
      // Before img can say anything of its own, a signal ends it as it ends any process.
      expect([130, null]).toContain(ran.code);
    }
  }
  await finishes(world, name, sha256);
}, 120_000);
