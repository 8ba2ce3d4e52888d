import type { World } from "./world.js";

/** Does something before one request for a part or for an image's bytes is answered, chosen by its number. */
export function whenAsked(
  world: World,
  on: "part" | "download",
  nth: number,
  work: () => void,
): void {
  let asked = 0;
  const only = (): boolean => {
    if (++asked === nth) work();
    return false;
  };
  world.server.faults.add({ on, only, do: "reset" });
}
