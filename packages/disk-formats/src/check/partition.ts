/** One partition, in bytes of the disk. */
export interface Partition {
  /** As the partitioning tools count, from 1. */
  readonly number: number;
  readonly startBytes: number;
  /** Where it ends: the first byte after it. */
  readonly endBytes: number;
  readonly isEfiSystem: boolean;
  /** The GPT's name; empty where there is none. */
  readonly name: string;
}
