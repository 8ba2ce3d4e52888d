/** What one transfer learned of the way to a server, for the start of the next one. */
export interface LearnedLink {
  /** How many lanes it used in the end. */
  readonly lanes: number;
  /** What they moved together. */
  readonly bytesPerSecond: number;
}

/** Of an upload or a download: many links are faster one way. */
export type LinkDirection = "up" | "down";

/** What earlier transfers learned, by server. It may be lost at any time, and holds nothing secret. */
export interface KnownLinks {
  /**
   * Returns what the last transfer learned; null if nothing is known, or what is known is too old. Never rejects.
   *
   * @param server The URL of the API.
   */
  of(server: string, direction: LinkDirection): Promise<LearnedLink | null>;
  /** Keeps what a transfer learned, for other processes too if that is possible. Never rejects. */
  keep(server: string, direction: LinkDirection, learned: LearnedLink): Promise<void>;
}
