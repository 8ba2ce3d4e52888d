/** A part, as far as its image's client knows it. */
export interface PartHistory {
  readonly number: number;
  /** The bodies that may be stored: the last one that was acknowledged, if any, and those sent since. */
  readonly bodies: readonly string[];
  readonly isAcknowledged: boolean;
}

/** An image, as far as its client knows it. */
export interface ImageHistory {
  readonly id: string;
  readonly name: string;
  readonly parts: readonly PartHistory[];
  /** `completing`, `deleting`: it was requested, and there was no answer or a 500. */
  readonly at: "open" | "completing" | "completed" | "deleting" | "deleted";
  /** Whether it had been completed when its deletion was requested. */
  readonly wasCompleted: boolean;
  /**
   * The digests that it may be completed with: each that was requested since it was certainly open, "" for
   * none.
   */
  readonly digests: readonly string[];
}

/** Everything that a store has promised, and what else was requested. Images are replaced, never changed. */
export interface StoreHistory {
  readonly images: Map<string, ImageHistory>;
  /** Names whose creation was requested, with no answer or a 500. */
  readonly maybeCreated: Set<string>;
}

export const copyHistory = ({ images, maybeCreated }: StoreHistory): StoreHistory => ({
  images: new Map(images),
  maybeCreated: new Set(maybeCreated),
});

/** Adds a part that was sent, whose answer is not known yet. */
export function partAsked(image: ImageHistory, number: number, body: string): ImageHistory {
  const before = image.parts.find((part) => part.number === number);
  const part = {
    number,
    bodies: [...(before?.bodies ?? []), body],
    isAcknowledged: before?.isAcknowledged ?? false,
  };
  return withPart(image, part);
}

/** Adds a part that was acknowledged. An image that was completing is then known to be open. */
export function partAcknowledged(image: ImageHistory, number: number, body: string): ImageHistory {
  return {
    ...withPart(image, { number, bodies: [body], isAcknowledged: true }),
    at: "open",
    digests: [],
  };
}

function withPart(image: ImageHistory, part: PartHistory): ImageHistory {
  const others = image.parts.filter(({ number }) => number !== part.number);
  return { ...image, parts: [...others, part].sort((a, b) => a.number - b.number) };
}
