import { expect, test } from "vitest";
import { isPrivateAddress, isPrivateHost } from "./private-host.js";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.255.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
])("%s is private, also as an IPv4-mapped IPv6 address", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
  expect(isPrivateAddress(`::ffff:${address}`)).toBe(true);
});

test.each(["::1", "::", "fd00::1", "fe80::1"])("%s is private", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(["8.8.8.8", "172.32.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8"])(
  "%s is public",
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

test("a host is private by its addresses, in brackets or not", async () => {
  expect(await isPrivateHost("localhost")).toBe(true);
  expect(await isPrivateHost("[::1]")).toBe(true);
});
