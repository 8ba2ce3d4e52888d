/**
 * The bytes of a file in memory. They are immutable and share pages with what they were made from, so that a
 * thousand states of a disk cost little more than one. A page that is missing, or short, is a hole.
 */
export interface Content {
  readonly size: number;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

const pageBytes = 65_536;

export const empty: Content = { size: 0, pages: new Map() };

export function written(content: Content, position: number, bytes: Uint8Array): Content {
  const pages = new Map(content.pages);
  for (let done = 0; done < bytes.length;) {
    const number = Math.floor((position + done) / pageBytes);
    const start = (position + done) % pageBytes;
    const piece = bytes.subarray(done, done + pageBytes - start);
    const before = pages.get(number) ?? new Uint8Array();
    const page = new Uint8Array(Math.max(before.length, start + piece.length));
    page.set(before);
    page.set(piece, start);
    pages.set(number, page);
    done += piece.length;
  }
  return { size: Math.max(content.size, position + bytes.length), pages };
}

export function truncated(content: Content, size: number): Content {
  const pages = new Map<number, Uint8Array>();
  for (const [number, page] of content.pages) {
    const kept = page.slice(0, Math.max(0, size - number * pageBytes));
    if (kept.length > 0) pages.set(number, kept);
  }
  return { size, pages };
}

/** Copies bytes. Returns how many there were. */
export function readInto(content: Content, into: Uint8Array, position: number): number {
  const length = Math.max(0, Math.min(into.length, content.size - position));
  const target = into.subarray(0, length).fill(0);
  for (let done = 0; done < length;) {
    const start = (position + done) % pageBytes;
    const page = content.pages.get(Math.floor((position + done) / pageBytes));
    const count = Math.min(pageBytes - start, length - done);
    if (page !== undefined) target.set(page.subarray(start, start + count), done);
    done += count;
  }
  return length;
}

/** Returns size and bytes in a form that can be compared. */
export function contentToText({ size, pages }: Content = empty): string {
  const told = [...pages].map(
    ([number, page]) => `${number} ${Buffer.from(page).toString("latin1")}`,
  );
  return `${size} ${told.sort().join("")}`;
}
