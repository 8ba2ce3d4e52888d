import { MiB } from "./plan.js";

/** Memory for a part that is sent straight from its source: one half is read while the other goes out. */
export const windowBytes: number = MiB;

/** How the memory of one run is divided. */
export interface DividedMemory {
  /** Whole parts that it holds at once. */
  readonly buffers: number;
  /** Parts that are sent through a window at once. */
  readonly windows: number;
}

/**
 * Divides memory between whole parts and windows, so that each lane has one of them. There are no windows where whole parts
 * suffice, and never more than half of it is for them.
 *
 * @param lanes How many lanes there may be; 0 if parts cannot be sent through a window.
 */
export function dividedMemory(
  memoryBytes: number,
  partBytes: number,
  lanes: number,
): DividedMemory {
  const buffers = Math.floor(memoryBytes / partBytes);
  if (buffers >= lanes) return { buffers: Math.max(1, buffers), windows: 0 };
  const windows = Math.min(lanes, Math.floor(memoryBytes / 2 / windowBytes));
  return {
    buffers: Math.floor((memoryBytes - windows * windowBytes) / partBytes),
    windows,
  };
}
