import { text } from "./error-text.js";

/** The flags whose names differ from the library's options. */
const flags: Readonly<Record<string, string>> = {
  partBytes: "--part-size",
  memoryBytes: "--memory",
  maxBytesPerSecond: "--limit-rate",
  retryBudgetMs: "--retry-for",
  stallMs: "--stall",
  name: "The image's name",
  expectedSha256: "--sha256",
  sparse: "--no-sparse",
  idOrName: "IMAGE",
  serverURL: "The server's address",
  bearerAuth: "SFC_BEARER_AUTH",
  urlTtlSec: "--url-ttl",
  maxStoreBytes: "--max-store",
  maxAccountBytes: "--max-account",
  drainMs: "--drain",
  allowHosts: "--allow-host",
  allowOrigins: "--allow-origin",
  tls: "--tls-cert and --tls-key",
  "s3.bucket": "--store",
  "s3.prefix": "What follows the bucket in --store",
  "s3.endpoint": "--s3-endpoint",
  "s3.publicEndpoint": "--s3-public-endpoint",
};

/** Returns the flag of a library's option. Names of environment variables stay as they are. */
export const flagOf = (option: string): string =>
  option.includes("_")
    ? option
    : (flags[option] ?? `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);

/** Says what an option must be, with the flag's name in place of the option's. */
export function wrongOption(error: unknown): string {
  const given = text(error, "given");
  const but = given === "" ? "" : `, but is ${given}`;
  return `${flagOf(text(error, "option"))} must be ${text(error, "wanted")}${but}.`;
}

/** Replaces options in backquotes by flags in a text. */
export const withFlags = (what: string): string =>
  what.replace(/`(\w+)`/g, (_, option: string) => flagOf(option));
