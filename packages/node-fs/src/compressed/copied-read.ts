import { sharedMemory } from "../hashing/digest.js";

/** Reads by way of memory that is shared with a thread, where `into` is not. */
export async function copiedRead(
  into: Uint8Array,
  read: (shared: Uint8Array) => Promise<number>,
): Promise<number> {
  if (into.buffer instanceof SharedArrayBuffer) return read(into);
  const shared = sharedMemory(into.length);
  const lengthBytes = await read(shared);
  into.set(shared.subarray(0, lengthBytes));
  return lengthBytes;
}
