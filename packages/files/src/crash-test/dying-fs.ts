import { DiskImage } from "./disk-image.js";
import { MemoryFs } from "./memory-fs.js";
import { SteppedFs } from "./stepped-fs.js";

/** A moment at which a process may be killed: the state of the disk, and what had been promised by then. */
export interface Death<Mark> {
  /** The number of the operation that the moment is before, within, or after. */
  readonly at: number;
  readonly when: "before" | "halfway" | "after";
  readonly disk: DiskImage;
  readonly mark: Mark;
}

/**
 * A file system in memory that records the disk after a kill at each operation, so that one run covers all of
 * them. Operations that do not change the disk are recorded once.
 */
export class DyingFs<Mark> extends SteppedFs {
  readonly deaths: Death<Mark>[] = [];
  /** The operations that can be half done. */
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

  /** The number of operations so far. */
  get count(): number {
    return this.#count;
  }

  /** Runs the operation at once, before any other can begin. */
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
