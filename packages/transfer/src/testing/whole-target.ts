import { expect } from "vitest";
import { sha256Of } from "./fake-service.js";
import type { Rig } from "./rig.js";

/** The download stands at its target, whole, and has left nothing open and no timer. */
export function expectWholeTarget(rig: Rig): void {
  expect(rig.sink.target).not.toBeNull();
  expect(sha256Of(rig.sink.target!)).toBe(sha256Of(rig.source.bytes));
  expect([...rig.open]).toEqual([]);
  expect(rig.clock.waiting).toBe(0);
}
