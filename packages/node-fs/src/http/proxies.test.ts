import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "@img/transfer";
import { checkProxies, proxyFor, routeTo } from "./proxies.js";

const proxyOf = (url: string, env: Readonly<Record<string, string>>): string | null =>
  proxyFor(new URL(url), env)?.origin ?? null;

describe("the variable that counts", () => {
  test.each([
    ["https_proxy for https:", "https://s.test", { https_proxy: "http://a:1" }, "http://a:1"],
    ["HTTPS_PROXY for https:", "https://s.test", { HTTPS_PROXY: "http://a:1" }, "http://a:1"],
    ["http_proxy for http:", "http://s.test", { http_proxy: "http://a:1" }, "http://a:1"],
    ["HTTP_PROXY for http:", "http://s.test", { HTTP_PROXY: "http://a:1" }, "http://a:1"],
    ["all_proxy for both", "http://s.test", { all_proxy: "http://a:1" }, "http://a:1"],
    ["ALL_PROXY for both", "https://s.test", { ALL_PROXY: "http://a:1" }, "http://a:1"],
    ["HTTP_PROXY for https:, too", "https://s.test", { HTTP_PROXY: "http://a:1" }, "http://a:1"],
    ["not HTTPS_PROXY for http:", "http://s.test", { HTTPS_PROXY: "http://a:1" }, null],
    ["lower case first", "http://s.test", { http_proxy: "b:2", HTTP_PROXY: "a:1" }, "http://b:2"],
    ["one that is empty: none", "http://s.test", { http_proxy: "", HTTP_PROXY: "a:1" }, null],
    [
      "its own before all_proxy",
      "http://s.test",
      { all_proxy: "a:1", HTTP_PROXY: "b:2" },
      "http://b:2",
    ],
    ["none", "https://s.test", {}, null],
  ])("%s", (_, url, env, proxy) => {
    expect(proxyOf(url, env)).toBe(proxy);
  });
});

describe("the address of a proxy", () => {
  test.each([
    ["without a scheme is http:", "proxy.test:3128", "http://proxy.test:3128"],
    ["without scheme and port", "proxy.test", "http://proxy.test"],
    ["is an IPv6 address", "[::1]:3128", "http://[::1]:3128"],
    ["is https:", "https://proxy.test:3129", "https://proxy.test:3129"],
    ["has user and password", "someone:pass@proxy.test:3128", "http://proxy.test:3128"],
  ])("%s: %s", (_, value, origin) => {
    expect(proxyOf("https://s.test", { https_proxy: value })).toBe(origin);
  });

  test.each([
    ["someone:pass@p:1", "someone:pass"],
    ["someone@p:1", "someone:"],
    ["http://some%40one:p%3Ass@p:1", "some@one:p:ss"],
    ["http://someone:50%@p:1", "someone:50%"],
  ])("%s: its user is sent as Basic", (value, user) => {
    const proxy = proxyFor(new URL("https://s.test"), { https_proxy: value });
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from(user).toString("base64")}`);
  });

  test.each(["socks5://someone:secret@p:1", "http://", "ftp://p:secret", "http://p:secret"])(
    "%s is refused before anything is sent, and not repeated",
    (value) => {
      const check = (): void => checkProxies({ HTTPS_PROXY: value });
      expect(check).toThrow(InvalidOptionError);
      expect(check).toThrow(/^HTTPS_PROXY must be http:\/\/HOST:PORT/);
      expect(check).not.toThrow(/secret/);
    },
  );
});

describe("NO_PROXY", () => {
  test.each([
    ["s.test", "https://s.test", true],
    ["S.TEST", "https://s.test", true],
    ["s.test", "https://a.s.test", true],
    [".s.test", "https://a.s.test", true],
    [".s.test", "https://s.test", true],
    ["*.s.test", "https://a.s.test", true],
    ["s.test", "https://as.test", false],
    ["s.test.", "https://s.test", true],
    ["s.test", "https://s.test.", true],
    ["test", "https://s.test", true],
    ["a.test,s.test", "https://s.test", true],
    ["a.test  s.test", "https://s.test", true],
    ["a.test, *", "https://s.test", true],
    ["*", "https://10.1.2.3", true],
    ["s.test:443", "https://s.test", true],
    ["s.test:443", "https://s.test:8443", false],
    ["s.test:80", "http://s.test", true],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["10.1.2.3", "https://10.1.2.31", false],
    ["2.3", "https://10.1.2.3", false],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.0.0.0/33", "https://10.1.2.3", false],
    ["10.0.0.0/", "https://10.0.0.0", false],
    ["127.0.0.1:8080", "http://127.0.0.1:8080", true],
    ["::1", "https://[::1]", true],
    ["[::1]", "https://[::1]:8443", true],
    ["[::1]:8443", "https://[::1]:8443", true],
    ["[::1]:8443", "https://[::1]", false],
    ["0:0:0:0:0:0:0:1", "https://[::1]", true],
    ["fd00::/8", "https://[fd12::1]", true],
    ["fd00::/8", "https://[fe80::1]", false],
    ["10.0.0.0/8", "https://[fd12::1]", false],
    ["", "https://s.test", false],
    [",", "https://s.test", false],
  ])("%j and %s: excluded is %s", (noProxy, url, excluded) => {
    for (const name of ["no_proxy", "NO_PROXY"]) {
      const env = { all_proxy: "http://a:1", [name]: noProxy };
      expect(proxyOf(url, env)).toBe(excluded ? null : "http://a:1");
    }
  });
});

describe("the way to a URL", () => {
  const env = { all_proxy: "http://u:p@proxy.test:3128" };

  test("https: is tunnelled", () => {
    expect(routeTo(new URL("https://s.test/part?sig=1"), env)).toMatchObject({
      origin: "https://s.test",
      path: "/part?sig=1",
      headers: {},
      tunnel: { origin: "http://proxy.test:3128" },
      through: "http://proxy.test:3128",
    });
  });

  test("http: is forwarded, since many proxies tunnel to port 443 only", () => {
    expect(routeTo(new URL("http://s.test:8080/part?sig=1"), env)).toEqual({
      origin: "http://proxy.test:3128",
      path: "http://s.test:8080/part?sig=1",
      headers: { host: "s.test:8080", "proxy-authorization": "Basic dTpw" },
      tunnel: null,
      through: "http://proxy.test:3128",
    });
  });
});
