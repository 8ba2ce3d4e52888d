import { onTestFinished, vi } from "vitest";

/**
 * Counts the shared memory that is allocated until the test ends.
 *
 * @param leastBytes Shorter memory is not counted.
 */
export function countSharedMemory(leastBytes: number): { readonly bytes: number } {
  let bytes = 0;
  const Counted = class extends SharedArrayBuffer {
    constructor(lengthBytes: number) {
      super(lengthBytes);
      if (lengthBytes >= leastBytes) bytes += lengthBytes;
    }
  };
  vi.stubGlobal("SharedArrayBuffer", Counted);
  onTestFinished(() => void vi.unstubAllGlobals());
  return {
    get bytes() {
      return bytes;
    },
  };
}
