import { BlockList, isIP } from "node:net";

/** One entry of NO_PROXY. */
interface Entry {
  /** A name without dots in front, an address without brackets, `ADDRESS/BITS`, or `*`. */
  readonly host: string;
  /** null for every port. */
  readonly port: number | null;
}

/**
 * Whether NO_PROXY excludes a host from the proxies. Entries are separated by commas or spaces. Each is `*`, a name
 * that also stands for its subdomains (with or without `.` or `*.` in front), an address, or a
 * network as `10.0.0.0/8`. A port may follow; an IPv6 address then stands in brackets.
 *
 * @param hostname As in a URL: lower case, an IPv6 address in brackets.
 */
export function isExcluded(hostname: string, port: number, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return noProxy
    .split(/[,\s]+/)
    .filter((text) => text !== "")
    .map(entryOf)
    .some((entry) => (entry.port === null || entry.port === port) && matches(entry.host, host));
}

function entryOf(text: string): Entry {
  // What has several colons and no brackets is an IPv6 address without a port.
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>\d+))?$/.exec(text)?.groups;
  const host = (parts?.["v6"] ?? parts?.["name"] ?? text).toLowerCase();
  const port = parts?.["port"];
  return {
    host: host.replace(/^\*?\./, "").replace(/\.$/, ""),
    port: port === undefined ? null : Number(port),
  };
}

function matches(entry: string, host: string): boolean {
  if (entry === "*") return true;
  if (isIP(host) !== 0) return isInNetwork(entry, host);
  return entry !== "" && (host === entry || host.endsWith(`.${entry}`));
}

function isInNetwork(entry: string, address: string): boolean {
  const [network = "", bits] = entry.split("/");
  const family = familyOf(network);
  if (family === null) return false;
  const most = family === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > most || bits === "") return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(address, familyOf(address) ?? family);
}

const families: Readonly<Record<number, "ipv4" | "ipv6">> = { 4: "ipv4", 6: "ipv6" };

const familyOf = (address: string): "ipv4" | "ipv6" | null => families[isIP(address)] ?? null;
