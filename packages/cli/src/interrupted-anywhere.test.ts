import { expect, test } from "vitest";
import { MiB, script } from "./testing/script.js";

/** A list, a start, a URL and a PUT for each of four parts, and a completion. */
const requestsOfUpload = 11;
const operations = ["list", "create", "partUrl", "part", "complete"] as const;

test("Ctrl-C at any request of an upload ends it within a second, and the same command finishes it", async () => {
  const { start, img, file, server } = await script();
  const sha256 = file("a.img", 16 * MiB);
  for (let moment = 1; moment <= requestsOfUpload; moment++) {
    const args = ["upload", "a.img", "--name", `at-${moment}`, "--part-size", "5M", "--json"];
    const running = start(...args);
    let seen = 0;
    let sentMs = Infinity;
    const hit = (): boolean => {
      if (++seen === moment) {
        sentMs = performance.now();
        running.process.kill("SIGINT");
      }
      return false;
    };
    const watching = operations.map((on) =>
      server.faults.add({ on, do: "delay", ms: 0, only: hit, times: Infinity }),
    );
    const { code } = await running.done;
    expect(performance.now() - sentMs).toBeLessThan(1000);
    expect(code).toBe(130);
    for (const one of watching) one.remove();
    const again = await img(...args);
    expect(again.stderr).toBe("");
    expect(again.events.at(-1)).toMatchObject({ event: "completed", sha256 });
  }
}, 120_000);
