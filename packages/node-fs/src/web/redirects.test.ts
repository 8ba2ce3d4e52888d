import dns from "node:dns";
import { expect, onTestFinished, test, vi } from "vitest";
import { openUrlSource } from "./url-source.js";
import { seededBytes } from "../testing/seeded.js";
import { serve, ServedFile } from "../testing/web-server.js";

// Nothing is sent beyond loopback: one of its addresses stands for the internet, and one for each other zone.
vi.mock(import("../http/address-zone.js"), async (original) => ({
  ...(await original()),
  zoneOf: (address) =>
    (({ "127.0.0.2": "public", "127.0.0.3": "private", "127.0.0.4": "link-local" }) as const)[
      address.replace(/^::ffff:/, "")
    ] ?? "loopback",
}));

const bytes = seededBytes("behind a redirect", 1_000);

/** What each name resolves to; an address, and another name, as ever. */
function resolve(names: Readonly<Record<string, readonly string[]>>): void {
  const real = dns.lookup as (...given: unknown[]) => void;
  const lookup = vi.spyOn(dns, "lookup").mockImplementation((name: string, ...given: unknown[]) => {
    const found = names[name];
    if (found === undefined) {
      real(name, ...given);
      return;
    }
    const callback = given.at(-1) as (error: null, found: unknown) => void;
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  });
  onTestFinished(() => lookup.mockRestore());
}

/** A file at one address, and a server at another that redirects to it under the given name. */
async function redirect(from: string, to: string, name: string) {
  const file = new ServedFile(bytes);
  const there = await serve(file.handler, to);
  there.hostname = name;
  const url = await serve(
    (_, answer) => answer.writeHead(302, { Location: there.href }).end(),
    from,
  );
  return { file, url };
}

async function open(url: URL): Promise<void> {
  const source = await openUrlSource(url, { format: "raw" });
  await source.close();
}

// fault U07
test.each([
  ["public", "127.0.0.2", "private", "127.0.0.3"],
  ["public", "127.0.0.2", "link-local", "127.0.0.4"],
  ["public", "127.0.0.2", "loopback", "127.0.0.1"],
  ["private", "127.0.0.3", "loopback", "127.0.0.1"],
  ["private", "127.0.0.3", "link-local", "127.0.0.4"],
])("a redirect from a %s (%s) to a %s address (%s) is not followed", async (_, from, __, to) => {
  resolve({ "inner.test": [to] });
  for (const name of [to, "inner.test"]) {
    const { file, url } = await redirect(from, to, name);
    await expect(open(url)).rejects.toMatchObject({
      code: "SOURCE_UNUSABLE",
      message: expect.stringContaining(`redirects to a private address (${name}`) as string,
    });
    expect(file.asked).toEqual([]);
  }
});

// fault U07
test("a redirect to an IPv4-mapped IPv6 address is not followed inward", async () => {
  resolve({ "mapped.test": ["::ffff:127.0.0.3"] });
  for (const name of ["[::ffff:127.0.0.3]", "mapped.test"]) {
    const { file, url } = await redirect("127.0.0.2", "127.0.0.3", name);
    await expect(open(url)).rejects.toMatchObject({ code: "SOURCE_UNUSABLE" });
    expect(file.asked).toEqual([]);
  }
});

// fault U07
test("of a name with a public and a private address only the public one is connected to", async () => {
  resolve({ "both.test": ["127.0.0.3", "127.0.0.2"] });
  const { file, url } = await redirect("127.0.0.2", "127.0.0.2", "both.test");
  await open(url);
  expect(file.asked[0]!.request.socket.localAddress).toBe("127.0.0.2");
});

// fault U07
test("a name that resolves to a private address only once it was reached is not reached again", async () => {
  const names = { "turning.test": ["127.0.0.2"] };
  resolve(names);
  const { file, url } = await redirect("127.0.0.2", "127.0.0.2", "turning.test");
  const source = await openUrlSource(url, { format: "raw" });
  onTestFinished(() => source.close());
  names["turning.test"] = ["127.0.0.3"];
  file.before = (request) => (request.socket.destroy(), true);
  await expect(source.check()).rejects.toMatchObject({ code: "SOURCE_UNUSABLE" });
});

test("a name that was typed may be private, and redirects outward and within its zone are followed", async () => {
  resolve({ "typed.test": ["127.0.0.3"] });
  const typed = await serve(new ServedFile(bytes).handler, "127.0.0.3");
  typed.hostname = "typed.test";
  await open(typed);
  await open((await redirect("127.0.0.3", "127.0.0.3", "127.0.0.3")).url);
  await open((await redirect("127.0.0.3", "127.0.0.2", "127.0.0.2")).url);
});
