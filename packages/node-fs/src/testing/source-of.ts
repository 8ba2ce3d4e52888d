import { DiskError, type Source } from "@img/transfer";

/** A source of bytes that records where it was read. */
export function sourceOf(bytes: Uint8Array): Source & { readonly reads: number[] } {
  const reads: number[] = [];
  return {
    label: "bytes",
    sizeBytes: bytes.length,
    identity: { made: "up" },
    reads,
    read: async (offset, into, signal) => {
      signal.throwIfAborted();
      if (offset + into.length > bytes.length) throw new DiskError("The bytes end before that.");
      reads.push(offset);
      into.set(bytes.subarray(offset, offset + into.length));
    },
    check: async () => undefined,
  };
}
