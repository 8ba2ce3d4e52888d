/** A part, as its image's client knows it. */
export interface PartHistory {
  readonly number: number;
  /** What may be stored: what was acknowledged last, if anything was, and what was sent since. */
  readonly bodies: readonly string[];
  readonly isAcknowledged: boolean;
}

/** An image, as its client knows it. */
export interface ImageHistory {
  readonly id: string;
  readonly name: string;
  readonly parts: readonly PartHistory[];
  /** `completing`, `deleting`: asked for, and the answer was none or a 500. */
  readonly at: "open" | "completing" | "completed" | "deleting" | "deleted";
  /** Whether it had been completed when it was asked to be deleted. */
  readonly wasCompleted: boolean;
  /** What it may be completed with: each digest that was asked for since it was open for certain, "" for none. */
  readonly digests: readonly string[];
}

/** All that a store has promised, and what else it was asked for. Images are replaced, never changed. */
export interface StoreHistory {
  readonly images: Map<string, ImageHistory>;
  /** Names whose creation was asked for, and the answer was none or a 500. */
  readonly maybeCreated: Set<string>;
}

export const copyHistory = ({ images, maybeCreated }: StoreHistory): StoreHistory => ({
  images: new Map(images),
  maybeCreated: new Set(maybeCreated),
});

/** One whose answer is not known yet. */
export function partAsked(image: ImageHistory, number: number, body: string): ImageHistory {
  const before = image.parts.find((part) => part.number === number);
  const part = {
    number,
    bodies: [...(before?.bodies ?? []), body],
    isAcknowledged: before?.isAcknowledged ?? false,
  };
  return withPart(image, part);
}

/** What was completing is open: a part has been taken. */
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
