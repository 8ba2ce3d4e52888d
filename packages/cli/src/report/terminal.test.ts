import { truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MiB, neverWhole, neverWholeDownload, script, type Script } from "../testing/script.js";
import { onTerminal } from "../testing/terminal.js";

const slowly = ["--part-size", "5M", "--limit-rate", "10M"];

async function withImage(bytes: number): Promise<Script> {
  const world = await script();
  world.file("a.img", bytes);
  return world;
}

/** Whether a line of the bar is there and shows more than the preparation. */
const moves = (screen: readonly string[]): boolean => / left/.test(screen.join("\n"));

// Other systems make terminals in other ways; what is drawn is the same.
describe.runIf(process.platform === "linux")("on a terminal", () => {
  test("an upload has a bar of two lines, which goes when it is done", async () => {
    const terminal = onTerminal(await withImage(30 * MiB), 80, ["upload", "a.img", ...slowly]);
    const screen = await terminal.until(moves);
    expect(screen).toEqual([
      expect.stringMatching(/^a\.img ━*╸?─* +\d+%$/),
      expect.stringMatching(/^ {2}[\d.]+ of 30\.0 MiB · [\d.]+ MiB\/s · \d+ s left/),
    ]);
    await terminal.until(([, details]) => details?.endsWith("limited by --limit-rate") ?? false);
    const { code, screen: left } = await terminal.ended;
    expect(code).toBe(0);
    expect(left[0]).toMatch(/^Uploaded a\.img: 30\.0 MiB \(/);
    expect(left).toHaveLength(4);
  });

  test("a narrow one has the same bar, with rate and time left, and no line is broken", async () => {
    const world = await withImage(10 * MiB);
    neverWhole(world.server, 2);
    const terminal = onTerminal(world, 40, ["upload", "a.img", ...slowly]);
    const screen = await terminal.until(moves);
    expect(screen).toEqual([
      expect.stringMatching(/^a\.img ━*╸?─* +\d+%$/),
      expect.stringMatching(/^ {2}([\d.]+ of 10\.0 MiB · )?[\d.]+ MiB\/s · \d+ s left$/),
    ]);
    for (const line of screen) expect(line.length).toBeLessThan(40);
  });

  test("several files have one bar, with the number of finished files and the names of those that are moving", async () => {
    const world = await withImage(MiB);
    world.file("b.img", 10 * MiB);
    neverWhole(world.server, 2);
    const terminal = onTerminal(world, 80, ["upload", "a.img", "b.img", ...slowly]);
    const screen = await terminal.until((lines) => moves(lines) && /1 of 2/.test(lines.join("\n")));
    expect(screen[0]).toMatch(/^Uploaded a\.img/);
    expect(screen.slice(-3)).toEqual([
      expect.stringMatching(/^1 of 2 files ━*╸?─* +\d+%$/),
      expect.stringMatching(/^ {2}[\d.]+ of 11\.0 MiB · /),
      "  b.img",
    ]);
  });

  test("a download has the same, and Ctrl-C leaves what happened and what resumes it in its place", async () => {
    const world = await withImage(15 * MiB);
    await world.img("upload", "a.img");
    neverWholeDownload(world.server, 10 * MiB);
    const args = ["download", "a.img", "b.img", ...slowly];
    const terminal = onTerminal(world, 80, args);
    const screen = await terminal.until(moves);
    expect(screen[0]).toMatch(/^a\.img ━*╸?─* +\d+%$/);
    terminal.type("\x03");
    const { code, screen: left } = await terminal.ended;
    expect(code).toBe(130);
    expect(left.map((line) => line.replace("^C", ""))).toEqual([
      "img: Stopped with Ctrl-C.",
      expect.stringMatching(/^ {5}(No part|[\d.]+ of 15\.0 MiB \(\d+%\) have arrived)/),
      `     Resume with: img ${args.join(" ")}`,
    ]);
  });

  test("--dry-run shows how far it has hashed, and Ctrl-C ends it with 130", async () => {
    const world = await withImage(MiB);
    await world.img("upload", "a.img"); // its SHA-256 makes that of another file worth knowing
    world.file("b.img", "x");
    truncateSync(join(world.dir, "b.img"), 100 * 1024 * MiB); // of holes, which take minutes to hash
    const terminal = onTerminal(world, 80, ["upload", "b.img", "--dry-run"]);
    const screen = await terminal.until(([, detail]) => /reading the file/.test(detail ?? ""));
    expect(screen[0]).toMatch(/^b\.img ━*╸?─* +\d+%$/);
    terminal.type("\x03");
    const { code, screen: left } = await terminal.ended;
    expect(code).toBe(130);
    expect(left.map((line) => line.replace("^C", ""))).toEqual(["img: Stopped with Ctrl-C."]);
  });

  test("Ctrl-C ends --dry-run with 130 while the service does not answer", async () => {
    const world = await withImage(MiB);
    world.server.faults.add({ on: "list", do: "stall", times: Infinity });
    const terminal = onTerminal(world, 80, ["upload", "a.img", "--dry-run"]);
    while (world.server.requests.list === 0) await new Promise((go) => setImmediate(go));
    terminal.type("\x03");
    const { code, screen } = await terminal.ended;
    expect(code).toBe(130);
    expect(screen.at(-1)).toBe("img: Stopped with Ctrl-C.");
  });

  test("NO_COLOR leaves the colors out, and a locale without UTF-8 gets ASCII", async () => {
    const world = await withImage(10 * MiB);
    neverWhole(world.server, 2);
    Object.assign(world.env, { NO_COLOR: "1", LANG: "C" });
    const terminal = onTerminal(world, 80, ["upload", "a.img", ...slowly]);
    const screen = await terminal.until(moves);
    expect(screen[0]).toMatch(/^a\.img #*-* +\d+%$/);
    expect(terminal.written()).not.toMatch(/\x1b\[\d+m/); // eslint-disable-line no-control-regex -- a terminal's own
  });

  test("img delete asks, and deletes nothing if the answer is no", async () => {
    const world = await withImage(1);
    await world.img("upload", "a.img");
    const terminal = onTerminal(world, 80, ["delete", "a.img"]);
    await terminal.until(([line]) => line?.endsWith("[y/N]") ?? false);
    terminal.type("n\n");
    const { code, screen } = await terminal.ended;
    expect(code).toBe(1);
    expect(screen[0]).toMatch(/^Delete a\.img \(image_\S+, completed\)\? \[y\/N\] /);
    expect(screen.at(-1)).toBe("img: Nothing was deleted.");
    expect((await world.img("show", "a.img")).code).toBe(0);
  });

  test("Ctrl-C at a question ends it as it ends any command, and nothing is deleted", async () => {
    const world = await withImage(1);
    await world.img("upload", "a.img");
    const terminal = onTerminal(world, 80, ["delete", "a.img"]);
    await terminal.until(([line]) => line?.endsWith("[y/N]") ?? false);
    terminal.type("\x03");
    const { code, screen } = await terminal.ended;
    expect(code).toBe(130);
    expect(screen.at(-1)).toBe("img: Stopped with Ctrl-C.");
    expect((await world.img("show", "a.img")).code).toBe(0);
  });

  test("img delete needs --yes if the question cannot be shown", async () => {
    const world = await withImage(1);
    await world.img("upload", "a.img");
    const { code } = await onTerminal(world, 80, ["delete", "a.img", "2>/dev/null"]).ended;
    expect(code).toBe(2);
    expect((await world.img("show", "a.img")).code).toBe(0);
  });
});
