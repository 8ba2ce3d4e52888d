import type { PutRequest } from "@img/transfer";

/** A body that is in memory, given in slices. */
export function bodyIn(
  bytes: Uint8Array,
  sliceBytes: number = Infinity,
): Pick<PutRequest, "lengthBytes" | "next"> {
  let givenBytes = 0;
  return {
    lengthBytes: bytes.length,
    next: (mostBytes) =>
      bytes.subarray(givenBytes, (givenBytes += Math.min(mostBytes, sliceBytes))),
  };
}
