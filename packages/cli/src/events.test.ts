import { join } from "node:path";
import { expect, test } from "vitest";
import { checkEvent } from "./testing/event-schema.js";
import type { TransferEvent } from "@img/node-fs";
import { eventSchemas } from "./testing/event-schema.js";
import { eventsPage } from "./testing/events-page.js";

// `script.ts` checks in every test that each line a command writes is one of these.

test("EVENTS.md is what events.schema.json says (`npx vitest run packages/cli/src/events.test.ts -u` writes it)", async () => {
  await expect(await eventsPage()).toMatchFileSnapshot(join(import.meta.dirname, "../EVENTS.md"));
});

test("a line that differs from the documentation is an error", () => {
  const deleted = { event: "deleted", id: "image_1", name: "a" };
  expect(() => checkEvent(deleted)).not.toThrow();
  expect(() => checkEvent({ ...deleted, more: 1 })).toThrow("must NOT have additional properties");
  expect(() => checkEvent({ event: "deleted", id: "image_1" })).toThrow("'name'");
  expect(() => checkEvent({ ...deleted, event: "vanished" })).toThrow("No schema knows");
});

/** The compiler sees that it has every kind, and no other. */
const ofTransfers: Readonly<Record<TransferEvent["event"], null>> = {
  progress: null,
  part: null,
  retry: null,
  lanes: null,
  "url-minted": null,
  straggler: null,
  phase: null,
  warning: null,
};

test("the lines with a version are the library's events of a transfer, and no others", () => {
  const versioned = eventSchemas.filter(({ properties }) => Object.hasOwn(properties, "v"));
  expect(versioned.map(({ title }) => title).sort()).toEqual(Object.keys(ofTransfers).sort());
  for (const { required } of versioned) expect(required).toContain("v");
});
