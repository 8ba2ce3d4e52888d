import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkEvent, eventSchemas } from "./testing/event-schema.js";

// That every line which a command writes is one of these is seen to by `script.ts`, in every test.

const page = readFileSync(join(import.meta.dirname, "../EVENTS.md"), "utf8");

test.each(eventSchemas.map((one) => [one.title, one] as const))(
  "EVENTS.md tells all fields of %s, and no others",
  (title, { properties }) => {
    const section = page.split(/^## /m).find((text) => text.startsWith(`\`${title}\``))!;
    const told = [...section.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]);
    expect(told).toEqual(Object.keys(properties).filter((name) => name !== "event"));
  },
);

test("a line that is not as documented is found out", () => {
  const deleted = { event: "deleted", id: "image_1", name: "a" };
  expect(() => checkEvent(deleted)).not.toThrow();
  expect(() => checkEvent({ ...deleted, more: 1 })).toThrow("must NOT have additional properties");
  expect(() => checkEvent({ event: "deleted", id: "image_1" })).toThrow("'name'");
  expect(() => checkEvent({ ...deleted, event: "vanished" })).toThrow("No schema knows");
});
