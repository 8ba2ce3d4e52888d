import { oneAtATime } from "../images/one-at-a-time.js";
import type { SmallObjects } from "./small-objects.js";

/**
 * Imitates conditional writes on a store that has none: reads, then writes, one after the other. It is correct
 * only while this process is the only one that writes.
 */
export function withoutConditions(objects: SmallObjects): SmallObjects {
  const writes = oneAtATime();
  const writeIf = (key: string, text: string, wanted: string | undefined) =>
    writes.run(key, async (): Promise<"written" | "refused"> => {
      if ((await objects.get(key))?.etag !== wanted) return "refused";
      await objects.put(key, text);
      return "written";
    });
  return {
    ...objects,
    putIfAbsent: (key, text) => writeIf(key, text, undefined),
    putIfMatch: writeIf,
  };
}
