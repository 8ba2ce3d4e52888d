import { BlockList, isIPv4, isIPv6 } from "node:net";

/** From where an address can be reached: the internet, a private network, one link, or this machine alone. */
export type Zone = "public" | "private" | "link-local" | "loopback";

/** RFC 1122, 1918, 3927, 6598, 2544, 5737, 6890. No server has a multicast or reserved address: they count as private. */
const ipv4: readonly (readonly [string, number, Zone])[] = [
  ["127.0.0.0", 8, "loopback"],
  ["0.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "private"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "private"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "private"],
  ["224.0.0.0", 3, "private"],
];

/** RFC 4291, 4193, 3879, 8215. */
const ipv6: readonly (readonly [string, number, Zone])[] = [
  ["::", 127, "loopback"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "private"],
  ["fc00::", 7, "private"],
  ["64:ff9b:1::", 48, "private"],
  ["ff00::", 8, "private"],
];

const listOf = (
  subnets: readonly (readonly [string, number, Zone])[],
  zone: Zone,
  family: "ipv4" | "ipv6",
): BlockList => {
  const list = new BlockList();
  for (const [network, prefix, of] of subnets) {
    if (of === zone) list.addSubnet(network, prefix, family);
  }
  return list;
};

const zones = (["loopback", "link-local", "private"] as const).map((zone) => ({
  zone,
  ipv4: listOf(ipv4, zone, "ipv4"),
  ipv6: listOf(ipv6, zone, "ipv6"),
}));

/** The zone of an address. An IPv6 address with an IPv4 one in it (mapped, compatible, NAT64, 6to4) has the zone of that one. */
export function zoneOf(address: string): Zone {
  const [plain = address] = address.split("%");
  const inner = isIPv6(plain) ? ipv4Within(plain) : plain;
  const found = zones.find((zone) =>
    inner === null ? zone.ipv6.check(plain, "ipv6") : zone.ipv4.check(inner, "ipv4"),
  );
  return found?.zone ?? "public";
}

/** Whether a server in one zone may redirect to another: only to the internet, or within its own zone. */
export const mayFollow = (from: Zone, to: Zone): boolean => to === "public" || to === from;

/** The IPv4 address in an IPv6 one: in the last 32 bits (RFC 4291, 6052), or in the second and third group (RFC 3056). */
function ipv4Within(address: string): string | null {
  const groups = groupsOf(address);
  const [first, second = 0, third = 0] = groups;
  if (first === 0x2002) return dotted(second, third);
  const isMapped = groups.slice(0, 5).every((group) => group === 0);
  const isNat64 = first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((g) => g === 0);
  const [high = 0, low = 0] = groups.slice(6);
  if (isNat64 || (isMapped && groups[5] === 0xffff)) return dotted(high, low);
  const isCompatible = isMapped && groups[5] === 0 && high !== 0;
  return isCompatible ? dotted(high, low) : null;
}

const dotted = (high: number, low: number): string =>
  [high >> 8, high & 255, low >> 8, low & 255].join(".");

function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const [before, after] = [groupsIn(head), groupsIn(tail ?? "")];
  const missing = Math.max(0, 8 - before.length - after.length);
  return tail === undefined ? before : [...before, ...Array<number>(missing).fill(0), ...after];
}

const groupsIn = (text: string): number[] =>
  text
    .split(":")
    .filter((group) => group !== "")
    .flatMap((group) => {
      if (!isIPv4(group)) return [parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
      return [(a << 8) | b, (c << 8) | d];
    });
