import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MiB, script } from "../testing/script.js";

test("--dry-run tells the plan and does nothing", async () => {
  const { img, file, server } = await script();
  file("a.img", 12 * MiB);
  const { code, events } = await img("upload", "a.img", "--dry-run", "--part-size", "5M", "--json");
  expect(code).toBe(0);
  expect(events).toEqual([
    {
      event: "plan",
      file: "a.img",
      name: "a.img",
      sizeBytes: 12 * MiB,
      allocatedBytes: expect.any(Number) as unknown,
      packedBytes: null,
      type: "raw",
      disk: null,
      findings: [],
      partBytes: 5 * MiB,
      parts: 3,
      lanes: 3,
      memoryBytes: 15 * MiB,
      resume: null,
      taken: null,
      same: null,
      uploaded: null,
    },
  ]);
  expect(server.requests.create).toBe(0);
});

test("--dry-run shows what is there already, and an equal image under another name", async () => {
  const { img, file, server, dir } = await script();
  file("a.img", 12 * MiB);
  file("b.img", readFileSync(join(dir, "a.img")));
  await img("upload", "b.img");
  server.faults.add({ on: "part", partId: 3, do: "answer", status: 400 });
  await img("upload", "a.img", "--part-size", "5M", "--lanes", "1");
  const ran = await img("upload", "a.img", "--dry-run");
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toContain("  plan    3 parts of 5.00 MiB, 3 at once");
  expect(ran.stdout).toContain("  resume  10.0 of 12.0 MiB are there already (2 parts)\n");
  expect(ran.stdout).toMatch(/ {2}same {4}b\.img \(image_[^)]+\) has the very same bytes\n/);
});

test("--dry-run tells that the file is already uploaded, and that one of the same name is not", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  const { events } = await img("upload", "a.img", "--json");
  const id = String(events.at(-1)!["id"]);
  const same = await img("upload", "a.img", "--dry-run");
  expect(same.stdout).toContain(`  done    already uploaded as ${id}\n`);
  expect(same.stdout).not.toContain("taken");
  file("a.img", 2 * MiB);
  const other = await img("upload", "a.img", "--dry-run");
  expect(other.stdout).toContain(`  taken   the name is that of ${id}, which is completed\n`);
});

test("--dry-run of an image of one part counts it in the singular", async () => {
  const { img, file } = await script();
  file("a.img", MiB);
  const { stdout } = await img("upload", "a.img", "--dry-run");
  expect(stdout).toContain("  plan    1 part of ");
});
