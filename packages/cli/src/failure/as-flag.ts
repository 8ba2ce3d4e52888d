/** Where a flag is not called as the library's option is. */
const flags: Readonly<Record<string, string>> = {
  partBytes: "--part-size",
  memoryBytes: "--memory",
  lanes: "--lanes",
  threads: "--threads",
  maxBytesPerSecond: "--limit-rate",
  retryBudgetMs: "--retry-for",
  name: "The image's name",
  idOrName: "IMAGE",
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

/** What the libraries say of one of their options, in the words of whoever typed the command. */
export function asFlag(message: string, option: string): string {
  if (option.includes("_")) return message; // a variable of the environment
  const flag =
    flags[option] ?? `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return message.replace(`The option ${option}`, option).replace(option, flag);
}
