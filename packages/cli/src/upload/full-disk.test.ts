import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "@img/local-server";
import { MiB, script, startsAt, token, type Script } from "../testing/script.js";

/** Only root may mount. Elsewhere, the engine's own tests let each write fail with ENOSPC. */
const mayMount = process.platform === "linux" && process.getuid?.() === 0;

/** Mounts a disk of this size at `full`, in the folder where `img` runs. */
function mountSmall(dir: string, bytes: number): string {
  const at = join(dir, "full");
  mkdirSync(at);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", at]);
  onTestFinished(() => void execFileSync("umount", ["--lazy", at]));
  return at;
}

async function withImage(): Promise<Script & { sha256: string }> {
  const made = await script();
  const sha256 = made.file("a.img", 12 * MiB);
  await made.img("upload", "a.img", "--quiet");
  return { ...made, sha256 };
}

test.runIf(mayMount)(
  "a disk without room for the image ends a download with 9 before a byte is fetched where that is wanted, and both figures",
  async () => {
    const { img, dir, server } = await withImage();
    mountSmall(dir, 10 * MiB);
    const ran = await img("download", "a.img", "full/a.img", "--require-space");
    expect(ran.code).toBe(9);
    expect(ran.stderr).toMatch(
      /^img: The image needs 12\.0 MiB more, but the disk has 10\.0 MiB free\.\n/,
    );
    expect(ran.stderr).toContain(
      "     Free space on it, or choose another disk, and run it again.\n",
    );
    expect(server.requests.download).toBe(1); // nothing of its first part was read
    expect(existsSync(join(dir, "full/a.img"))).toBe(false);
  },
);

// fault D32
test.runIf(mayMount)(
  "an image larger than the disk's free room, most of it zeros, is downloaded with a warning",
  async () => {
    const { img, dir, file } = await script();
    file("a.img", Buffer.concat([randomBytes(MiB), Buffer.alloc(11 * MiB)]));
    await img("upload", "a.img", "--quiet");
    mountSmall(dir, 4 * MiB);
    const ran = await img("download", "a.img", "full/a.img");
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain("The image may need 12.0 MiB, but the disk has 4.00 MiB free.");
    expect(statSync(join(dir, "full/a.img")).size).toBe(12 * MiB);
  },
);

// fault D31
test.runIf(mayMount)(
  "a disk that reports no free space is used, for downloads and for the server's folder",
  async () => {
    const { img, dir, server, env } = await withImage();
    mountSmall(dir, 0);
    expect((await img("download", "a.img", "full/a.img", "--quiet")).code).toBe(0);
    const there = await startServer({ dir: join(dir, "full/store"), port: 0, token });
    onTestFinished(() => there.close());
    expect(server.url).not.toBe(there.url);
    env["SFC_SERVER_URL"] = there.url;
    expect((await img("upload", "full/a.img", "--quiet")).code).toBe(0);
  },
);

test.runIf(mayMount)(
  "a disk that fills while a download runs ends it with 9, and with room the same command resumes it",
  async () => {
    const { start, img, dir, server } = await withImage();
    const full = mountSmall(dir, 14 * MiB);
    const args = ["download", "a.img", "full/a.img", "--part-size", "5M", "--lanes", "1"];
    // The second part arrives once the disk is full.
    const held = server.faults.add({
      on: "download",
      only: startsAt(5 * MiB),
      do: "reset",
      times: Infinity,
    });
    const running = start(...args, "--json", "-v");
    await running.event(({ event }) => event === "part");
    fill(full);
    held.remove();
    const ran = await running.done;
    expect(ran.code).toBe(9);
    expect(ran.error).toMatchObject({ event: "error", exitCode: 9 });
    expect(String(ran.error["message"])).toMatch(/ENOSPC|more, but the disk has/);
    expect(existsSync(join(full, "a.img"))).toBe(false);

    rmSync(join(full, "filler"));
    const { code, events } = await img(...args, "--json");
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: "completed", resumed: true, verified: true });
    expect(readdirSync(full)).toEqual(["a.img"]);
  },
);

test.runIf(mayMount)("a full disk under the state folder ends an upload with 9", async () => {
  const { img, dir, env, file } = await script();
  file("a.img", MiB);
  const full = mountSmall(dir, MiB);
  fill(full);
  env["XDG_STATE_HOME"] = full;
  const ran = await img("upload", "a.img");
  expect(ran.code).toBe(9);
  expect(ran.stderr).toContain("ENOSPC");
  expect(ran.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
});

/** Fills the disk until no more byte fits. */
function fill(folder: string): void {
  for (const size of [MiB, 64 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(join(folder, "filler"), Buffer.alloc(size), { flag: "a" });
    } catch (error) {
      expect((error as { code?: unknown }).code).toBe("ENOSPC");
    }
  }
}
