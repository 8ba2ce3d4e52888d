/** Numbers from 0 to 1 that look random, the same ones for the same seed. */
export function randomFrom(seed: number): () => number {
  let x = seed * 2_654_435_761;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}
