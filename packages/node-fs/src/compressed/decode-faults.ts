/** The bytes of a compressed file are damaged. */
export class Unsound extends Error {}

/** A compressed file ends too early. */
export const cutOff = (): Unsound => new Unsound("it is cut off");

/** A compressed file needs a feature of its format that is not decoded here. */
export class NotDecoded extends Error {}

/** The most memory that a file may ask for to be decoded: xz takes 64 MiB at most, unless it is told otherwise. */
const mostWindowBytes = 128 * 1024 * 1024;

/** @throws {NotDecoded} */
export function checkWindow(windowBytes: number): void {
  if (windowBytes <= mostWindowBytes) return;
  const mib = Math.ceil(windowBytes / 1024 ** 2);
  throw new NotDecoded(`it needs a window of ${mib} MiB, but 128 MiB are the most`);
}

/** @throws {Unsound} */
export function sound(isSound: boolean, otherwise: string): asserts isSound {
  if (!isSound) throw new Unsound(otherwise);
}
