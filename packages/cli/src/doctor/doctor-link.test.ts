import { expect, test } from "vitest";
import { linkText } from "./doctor-link.js";

test.each([
  [null, 0, "no byte arrived in 5 s"],
  [{ lanes: 4, limitedBy: null }, 0, "no byte arrived in 5 s"],
  [
    { lanes: 4, limitedBy: "network" as const },
    1024 ** 2,
    "an upload goes at 1.00 MiB/s over 4 lanes, limited by the network: 10 GiB take 2 h 50 min",
  ],
  [
    { lanes: 8, limitedBy: null },
    1024 ** 3,
    "an upload goes at 1.00 GiB/s over 8 lanes: 10 GiB take 10 s",
  ],
])("a measured link of %j at %d bytes per second is told", (last, bytesPerSecond, text) => {
  expect(linkText(last, bytesPerSecond, 5_000)).toBe(text);
});
