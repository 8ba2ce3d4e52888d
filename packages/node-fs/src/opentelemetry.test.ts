import { createRequire } from "node:module";
import type http from "node:http";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { expect, onTestFinished, test } from "vitest";
import { partBytes, seededBytes } from "./testing/seeded.js";
import { openWorld } from "./testing/world.js";

/** The spans of requests that end from now on, as the instrumentations of undici and of node:http make them. */
function recordedRequests(): () => readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const instrumentations = [new UndiciInstrumentation(), new HttpInstrumentation()];
  for (const each of instrumentations) each.setTracerProvider(provider);
  onTestFinished(() => instrumentations.forEach((each) => each.disable()));
  return () => exporter.getFinishedSpans().filter(({ attributes }) => "url.full" in attributes);
}

/** All that a span tells. */
const toldBy = ({ name, attributes, events, status, links }: ReadableSpan): string =>
  JSON.stringify({ name, attributes, events, status, links });

test("the instrumentations are at work: of a request that is not ours they record the query", async () => {
  const world = await openWorld();
  const spans = recordedRequests();
  const url = `${world.server.url}/nothing?secret=1`;

  // Patched when it is required, and no sooner.
  const { get } = createRequire(import.meta.url)("node:http") as typeof http;

  await (await fetch(url)).text();
  await new Promise((resolve) => get(url, (answer) => answer.resume().on("end", resolve)));

  expect(
    spans()
      .map(toldBy)
      .filter((told) => told.includes("secret=1")),
  ).toHaveLength(2);
});

test.each([1, 2])(
  "no span of a transfer on %i threads tells the query of a presigned URL",
  async (threads) => {
    const world = await openWorld();
    const path = await world.file("disk.img", seededBytes("spans", 2 * partBytes + 1_000));
    const spans = recordedRequests();

    await world.upload(path, { threads, verify: "download" });
    await world.download("disk.img", world.path("copy.img"), { threads });

    const told = spans().map(toldBy);
    for (const span of told) {
      world.look("span", span);
      expect(span).not.toMatch(/[?&](signature|expires|X-Amz-\w+)=/i);
    }
    expect(told.length).toBeGreaterThan(3); // calls of the API, at least
    const parts = spans().filter(({ attributes }) => attributes["http.request.method"] === "PUT");
    if (threads === 1) expect(parts).toHaveLength(3);
    for (const { attributes } of parts) expect(attributes["url.query"]).toBe("");
  },
);

test("a request that fails tells no query, either", async () => {
  const world = await openWorld();
  const path = await world.file("disk.img", seededBytes("spans", partBytes));
  const spans = recordedRequests();
  await world.proxy.close();

  await expect(world.upload(path, { retryBudgetMs: 500, threads: 1 })).rejects.toThrow();

  for (const span of spans()) world.look("span", toldBy(span));
});
