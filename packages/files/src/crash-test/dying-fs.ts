import { DiskImage } from "./disk-image.js";
import { MemoryFs } from "./memory-fs.js";
import { SteppedFs } from "./stepped-fs.js";

/** A moment at which a process may be killed: what is on the disk, and what was promised by then. */
export interface Death<Mark> {
  /** The operation that it comes before, in the middle of, or after. */
  readonly at: number;
  readonly when: "before" | "halfway" | "after";
  readonly disk: DiskImage;
  readonly mark: Mark;
}

/**
 * A file system in memory that remembers what a death at each operation would leave. So one run shows all of them.
 * Operations that leave the disk unchanged are reported once.
 */
export class DyingFs<Mark> extends SteppedFs {
  readonly deaths: Death<Mark>[] = [];
  /** The operations of which half can be done. */
  readonly divisible: ReadonlySet<number>;
  readonly #divisible = new Set<number>();
  readonly #image: DiskImage;
  readonly #mark: () => Mark;
  readonly #changes: { count: number };
  #count = 0;

  constructor(start: DiskImage, mark: () => Mark) {
    const changes = { count: 0 };
    const disk = new MemoryFs(start, ({ type }) => {
      if (type !== "sync") changes.count++;
    });
    super(disk);
    this.#image = disk.image;
    this.#changes = changes;
    this.#mark = mark;
    this.divisible = this.#divisible;
  }

  /** How many operations there were, so far. */
  get count(): number {
    return this.#count;
  }

  /** The disk in memory does what it is asked for at once, before anything else can come. */
  protected step<Result>(
    run: () => Promise<Result>,
    half?: () => Promise<Result>,
  ): Promise<Result> {
    const at = this.#count++;
    this.#note(at, "before");
    if (half !== undefined) {
      this.#divisible.add(at);
      void this.#ifItChanges(half, () => this.#note(at, "halfway"));
    }
    return this.#ifItChanges(run, () => this.#note(at, "after"));
  }

  #ifItChanges<Result>(work: () => Promise<Result>, then: () => void): Promise<Result> {
    const before = this.#changes.count;
    const done = work();
    if (this.#changes.count > before) then();
    return done;
  }

  #note(at: number, when: Death<Mark>["when"]): void {
    this.deaths.push({ at, when, disk: new DiskImage(this.#image), mark: this.#mark() });
  }
}
