import { expect, test } from "vitest";
import { mayFollow, zoneOf } from "./address-zone.js";

test.each([
  ["127.0.0.1", "loopback"],
  ["0.0.0.0", "loopback"],
  ["10.1.2.3", "private"],
  ["172.31.255.1", "private"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["198.19.0.1", "private"],
  ["224.0.0.1", "private"],
  ["255.255.255.255", "private"],
  ["169.254.169.254", "link-local"],
  ["8.8.8.8", "public"],
  ["172.32.0.1", "public"],
  ["100.128.0.1", "public"],
])("%s is %s, also within an IPv6 address", (address, zone) => {
  expect(zoneOf(address)).toBe(zone);
  expect(zoneOf(`::ffff:${address}`)).toBe(zone);
  expect(zoneOf(`64:ff9b::${address}`)).toBe(zone);
  const [a, b, c, d] = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  expect(zoneOf(`::ffff:${a}${b}:${c}${d}`)).toBe(zone);
  expect(zoneOf(`2002:${a}${b}:${c}${d}::1`)).toBe(zone);
});

test.each([
  ["::1", "loopback"],
  ["::", "loopback"],
  ["fd00::1", "private"],
  ["fec0::1", "private"],
  ["64:ff9b:1::1", "private"],
  ["ff02::1", "private"],
  ["fe80::1", "link-local"],
  ["fe80::1%eth0", "link-local"],
  ["::a00:1", "private"],
  ["2001:4860:4860::8888", "public"],
  ["2001:4860:0:0:0:0:0:8888", "public"],
])("%s is %s", (address, zone) => {
  expect(zoneOf(address)).toBe(zone);
});

test("a redirect leads outward, or stays in its zone", () => {
  expect(mayFollow("private", "public")).toBe(true);
  expect(mayFollow("private", "private")).toBe(true);
  expect(mayFollow("loopback", "loopback")).toBe(true);
  for (const near of ["private", "link-local", "loopback"] as const) {
    expect(mayFollow("public", near)).toBe(false);
  }
  expect(mayFollow("private", "loopback")).toBe(false);
  expect(mayFollow("private", "link-local")).toBe(false);
});
