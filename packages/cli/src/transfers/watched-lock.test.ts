import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, neverWhole, script, type Script } from "../testing/script.js";

test("an upload says whose lock it watches, and for how long", async () => {
  const at = await script();
  at.file("a.img", 15 * MiB);
  const held = neverWhole(at.server, 3);
  const first = at.start("upload", "a.img", "--part-size", "5M", "--json");
  await first.event(({ event, partsDone }) => event === "progress" && Number(partsDone) > 0);
  first.process.kill("SIGKILL");
  await first.done;
  held.remove();
  moveLockToAnotherMachine(at);

  const next = at.start("upload", "a.img", "--json");
  const { message } = await next.event(({ event }) => event === "warning");

  expect(message).toBe(
    `Another process (process ${first.process.pid} on another-host) may still be working on this transfer. Watching its lock for up to 90 seconds. If that process is gone, --force takes over at once.`,
  );
  next.process.kill("SIGTERM");
  await next.done;
  expect((await at.img("upload", "a.img", "--force")).code).toBe(0);
});

/** Changes the lock as if its process ran on a machine that cannot be seen from here. */
function moveLockToAnotherMachine({ dir }: Script): void {
  const folder = join(dir, ".state", "img");
  const lock = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".lock"))!,
  );
  const text = readFileSync(lock, "utf8");
  const holder = JSON.parse(text) as Record<string, unknown>;
  for (const key of Object.keys(holder).filter((name) => /host|boot|machine/i.test(name))) {
    holder[key] = key === "host" ? "another-host" : "another";
  }
  writeFileSync(lock, `${JSON.stringify(holder)}\n`);
}
