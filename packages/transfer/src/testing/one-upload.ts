import { expect } from "vitest";
import { MiB } from "../plan.js";
import type { StoredImage } from "./fake-service.js";
import { storeAnswers } from "./faults.js";
import type { Rig } from "./rig.js";

/** The one image that the service has. */
export function theImage(rig: Rig): StoredImage {
  expect(rig.service.images.size).toBe(1);
  return [...rig.service.images.values()][0]!;
}

/** Ends a run after its first receipt, so that the next one has something to resume from. */
export async function stopAfterFirstPart(rig: Rig, partBytes: number = 5 * MiB): Promise<void> {
  rig.service.faults.put.push((_, answer) => answer(), storeAnswers(400, "Nonsense"));
  await expect(rig.upload({ lanes: 1, partBytes })).rejects.toMatchObject({ code: "PART_REFUSED" });
  expect(rig.service.arrived).toEqual([1]);
}
