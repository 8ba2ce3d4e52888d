/** One partition, in bytes of the disk. */
export interface Partition {
  /** The number that partitioning tools show, from 1. */
  readonly number: number;
  readonly startBytes: number;
  /** Where it ends: the first byte after it. */
  readonly endBytes: number;
  readonly isEfiSystem: boolean;
  /** The name in the GPT; empty if there is none. */
  readonly name: string;
}
