import { expect, test } from "vitest";
import { atOnceMs, MiB, script, type Running } from "../testing/script.js";
import { onTerminal } from "../testing/terminal.js";

const listening = (running: Running): Promise<Record<string, unknown>> =>
  running.event(({ event }) => event === "listening");

const serveArgs = ["serve", "--port", "0", "--dir", "kept", "--json"];

test("img serve --json tells where it listens in its first line, and not the token of the environment", async () => {
  const { start } = await script();
  const serving = start(...serveArgs);
  expect(await listening(serving)).toEqual({
    event: "listening",
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
  });
});

test("it has the page for people at /", async () => {
  const { start } = await script();
  const { url } = await listening(start(...serveArgs));
  const answer = await fetch(`${String(url)}/`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/html; charset=utf-8",
  ]);
  expect(await answer.text()).toContain("<title>");
});

test("without a token in the environment, one is made and printed", async () => {
  const { start, img, env, file } = await script();
  file("a.img", MiB);
  env["SFC_BEARER_AUTH"] = "";
  const { url, token: made } = await listening(start(...serveArgs));
  expect(made).toMatch(/^[\w-]{20,}$/);
  Object.assign(env, { SFC_SERVER_URL: url, SFC_BEARER_AUTH: made });
  expect((await img("upload", "a.img")).code).toBe(0);
});

test("for people it prints what to paste, and a token only if it made it", async () => {
  const { start, env } = await script();
  const serving = start("serve", "--port", "0", "--dir", "kept");
  await new Promise((resolve) => serving.process.stdout!.once("data", resolve));
  serving.process.kill("SIGINT");
  const ran = await serving.done;
  expect(ran.stdout).toMatch(
    /^Serving kept on (\S+)\. Stop with Ctrl-C\.\n\n {2}export SFC_SERVER_URL=\1\nStopped\. Everything is kept\.\n$/,
  );
  expect(ran.stdout).not.toContain(env["SFC_BEARER_AUTH"]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends it at once with 0, and what it kept is there the next time`, async () => {
    const { start, img, env, file } = await script();
    file("a.img", MiB);
    const first = start(...serveArgs);
    env["SFC_SERVER_URL"] = String((await listening(first))["url"]);
    await img("upload", "a.img");
    const sentMs = performance.now();
    first.process.kill(signal);
    const ran = await first.done;
    expect(performance.now() - sentMs).toBeLessThan(atOnceMs);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.events.at(-1)).toEqual({ event: "stopped" });
    env["SFC_SERVER_URL"] = String((await listening(start(...serveArgs)))["url"]);
    expect((await img("list", "--json")).events).toMatchObject([{ name: "a.img" }]);
  });
}

test("a folder that another process serves ends with 8", async () => {
  const { start, img } = await script();
  const first = start(...serveArgs);
  await listening(first);
  const ran = await img(...serveArgs);
  expect(ran.code).toBe(8);
  expect(ran.error).toMatchObject({ code: "STORE_LOCKED" });
});

test("a port that is taken ends with 2 and says what to do", async () => {
  const { img, server } = await script();
  const ran = await img("serve", "--port", new URL(server.url).port, "--dir", "kept");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(
    /^img: Another program already listens on 127\.0\.0\.1:\d+\.\n {5}Choose another port/,
  );
});

test("half of a certificate is refused with 2", async () => {
  const { img } = await script();
  expect((await img("serve", "--tls-cert", "cert.pem")).code).toBe(2);
});

test("--chaos makes it misbehave as the file says, and an upload through it succeeds", async () => {
  const { start, img, env, file } = await script();
  file("a.img", MiB);
  file("chaos.json", JSON.stringify({ faults: [{ on: "part", do: "answer", status: 500 }] }));
  const { url } = await listening(start(...serveArgs, "--chaos", "chaos.json"));
  env["SFC_SERVER_URL"] = String(url);
  const ran = await img("upload", "a.img", "--verbose");
  expect(ran.code).toBe(0);
});

test("an invalid chaos file is refused with the place of the error, before anything is served", async () => {
  const { img, file } = await script();
  file("chaos.json", '{"faults":[{"on":"part","do":"explode"}]}');
  const ran = await img(...serveArgs, "--chaos", "chaos.json");
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("faults[0].do must be one of");
});

test("on a terminal it prints a link that signs the page in, and to a pipe it does not", async () => {
  const at = await script();
  const terminal = onTerminal(at, 120, ["serve", "--port", "0", "--dir", "kept"]);
  const isLink =
    /Open (\S+)\/#code=([\w-]{20,}) in a browser\. The link signs in once, within 5 minutes\./;
  const screen = await terminal.until((lines) => lines.some((line) => isLink.test(line)));
  const [, url = "", code = ""] = isLink.exec(screen.join("\n")) ?? [];
  const headers = { Authorization: `Code ${code}` };
  const answer = await fetch(`${url}/sign-in`, { method: "POST", headers });
  expect(await answer.json()).toEqual({ token: at.env["SFC_BEARER_AUTH"] });
  terminal.type("\u0003");
  expect((await terminal.ended).code).toBe(0);
});
