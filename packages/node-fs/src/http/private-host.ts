import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";

/** Loopback, private and link-local networks (RFC 1918, 3927, 4193, 4291, 6598). */
const networks = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  networks.addSubnet(network, prefix, "ipv4");
  networks.addSubnet(`::ffff:${network}`, 96 + prefix, "ipv6"); // IPv4-mapped
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  networks.addSubnet(network, prefix, "ipv6");
}

/** Whether an address belongs to this machine or to a private network. */
export const isPrivateAddress = (address: string): boolean =>
  networks.check(address, isIPv6(address) ? "ipv6" : "ipv4");

/** Whether a host of a URL has a private address among its addresses; one that has none is not private. */
export async function isPrivateHost(hostname: string): Promise<boolean> {
  const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true }).catch(() => []);
  return found.some(({ address }) => isPrivateAddress(address));
}
