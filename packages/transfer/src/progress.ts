/** What a transfer is doing. */
export type TransferPhase = "preparing" | "moving" | "finishing" | "verifying";
