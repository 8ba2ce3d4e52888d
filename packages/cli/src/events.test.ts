import { join } from "node:path";
import { expect, test } from "vitest";
import { checkEvent } from "./testing/event-schema.js";
import { eventsPage } from "./testing/events-page.js";

// `script.ts` checks in every test that each line a command writes is one of these.

test("EVENTS.md is what events.schema.json says (`npx vitest run packages/cli/src/events.test.ts -u` writes it)", async () => {
  await expect(await eventsPage()).toMatchFileSnapshot(join(import.meta.dirname, "../EVENTS.md"));
});

test("a line that is not as documented is found out", () => {
  const deleted = { event: "deleted", id: "image_1", name: "a" };
  expect(() => checkEvent(deleted)).not.toThrow();
  expect(() => checkEvent({ ...deleted, more: 1 })).toThrow("must NOT have additional properties");
  expect(() => checkEvent({ event: "deleted", id: "image_1" })).toThrow("'name'");
  expect(() => checkEvent({ ...deleted, event: "vanished" })).toThrow("No schema knows");
});
