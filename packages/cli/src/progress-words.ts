import type { Limit, TransferPhase } from "@img/node-fs";

const limits: Readonly<Record<Limit, string>> = {
  disk: "limited by the disk",
  digest: "limited by the digest (one core)",
  network: "limited by the network",
  server: "limited by the server",
  "rate-limit": "limited by --limit-rate",
  retry: "trying again",
};

/** What holds a transfer back just now. */
export const limitText = (limit: Limit): string => limits[limit];

const phases: Readonly<Record<TransferPhase, string>> = {
  preparing: "preparing",
  moving: "moving",
  finishing: "finishing",
  verifying: "reading back what the service has",
};

export const phaseText = (phase: TransferPhase): string => phases[phase];
