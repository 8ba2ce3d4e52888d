import { createHash } from "node:crypto";
import { describeJournal, type TransferProgress } from "@img/transfer";
import { expect, onTestFinished, test, vi } from "vitest";
import { readVector } from "../../disk-formats/src/testing/read-vector.js";
import { fileJournals } from "./journals/journal-store.js";
import { runChild } from "./testing/child.js";
import { startConnectProxy } from "./testing/connect-proxy.js";
import { receiptsIn } from "./testing/receipts.js";
import { partBytes, seededBytes, sha256Of } from "./testing/seeded.js";
import { secret, serve, ServedFile } from "./testing/web-server.js";
import { openWorld, type World } from "./testing/world.js";
import { upload } from "./upload.js";

const fourParts = seededBytes("four parts at a URL", 3 * partBytes + 12_345);

async function open(bytes: Uint8Array = fourParts) {
  const world = await openWorld();
  const file = new ServedFile(bytes);
  return { world, file, url: await serve(file.handler) };
}

const journalOf = async (world: World): Promise<string> => {
  const [journal] = await fileJournals(world.stateDir).list();
  return Buffer.from(journal!.contents).toString();
};

test("a file at a URL is uploaded under its own name, and fetched once", async () => {
  const { world, file, url } = await open();

  const result = await world.upload(url);

  expect(result).toMatchObject({ sha256: sha256Of(fourParts), resumed: false });
  expect(result.image.name).toBe("disk.img");
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(fourParts));
  // The first byte, once to begin and once before the image is completed, is asked for by itself.
  expect(file.askedBytes()).toBe(fourParts.length + 2);
});

test("the one call for any input takes it too, and the name is decoded and checked", async () => {
  const { world, url } = await open();
  const { client, stateDir } = world;
  url.pathname = "/images/debian%2D12.img";
  const { image } = await upload(url, { client, stateDir });
  expect(image.name).toBe("debian-12.img");
  for (const pathname of ["/images/", "/a%20b", "/a%2Fb"]) {
    url.pathname = pathname;
    const refused = upload(url, { client, stateDir });
    await expect(refused).rejects.toMatchObject({ code: "INVALID_OPTION", option: "name" });
  }
  expect(world.server.requests.create).toBe(1);
});

test("a disk image at a URL goes up as the raw disk that it describes", async () => {
  const { world, url } = await open(readVector("qcow2", "version-3.hex").image);
  const formats: string[] = [];
  const disk = Buffer.alloc(5120);
  disk.fill(0xaa, 0, 512).fill(0xbb, 1536, 2236).fill(0xcc, 4096, 4608);

  const result = await world.upload(url, { onDisk: ({ format }) => formats.push(format) });

  expect(result.sha256).toBe(sha256Of(disk));
  expect(formats).toEqual(["qcow2"]);
});

// fault D63
test("the SHA-256 of a disk image at a URL is compared before anything is created", async () => {
  const { image } = readVector("qcow2", "version-3.hex");
  const { world, url } = await open(image);
  const refused = world.upload(url, { sourceSha256: "ab".repeat(32) });
  await expect(refused).rejects.toMatchObject({
    code: "DIGEST_MISMATCH",
    gotSha256: sha256Of(image),
  });
  expect(world.server.requests.create).toBe(0);
  await world.upload(url, { sourceSha256: sha256Of(image) });
});

test("a resume with another query sends only parts without a receipt, and keeps no secret", async () => {
  const { world, url } = await open();
  url.username = "us3r";
  url.password = "pa55word";
  world.server.faults.add({ on: "part", nth: 3, times: Infinity, do: "answer", status: 501 });
  const first = world.upload(url, { lanes: 1 });
  await expect(first).rejects.toMatchObject({ code: "PART_REFUSED" });
  const journal = await journalOf(world);
  expect(journal).not.toMatch(new RegExp(`${secret}|us3r|pa55word`));
  expect(journal).toContain(`"from":"http://${url.host}/disk.img"`);

  world.server.faults.clear();
  url.search = "signature=another-one";
  const result = await world.upload(url);

  expect(result).toMatchObject({ resumed: true, sentBytes: partBytes + 12_345 });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(fourParts));
  expect(await world.upload(url)).toMatchObject({ resumed: true, sentBytes: 0 });
});

// fault U01
test("a file that changes on its server while it is uploaded is never completed", async () => {
  const { world, file, url } = await open();
  world.server.faults.add({
    on: "part",
    only: () => {
      file.etag = '"2"';
      return false;
    },
    do: "reset",
  });
  await expect(world.upload(url, { lanes: 1 })).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  expect(world.server.requests.complete).toBe(0);
});

// fault U01
test("other bytes under the same URL are SOURCE_CHANGED when the upload is resumed", async () => {
  const { world, file, url } = await open();
  world.server.faults.add({ on: "part", nth: 2, times: Infinity, do: "answer", status: 501 });
  await expect(world.upload(url, { lanes: 1 })).rejects.toMatchObject({ code: "PART_REFUSED" });
  world.server.faults.clear();
  file.bytes = seededBytes("others", fourParts.length);
  for (const etag of ['"2"', null]) {
    file.etag = etag;
    await expect(world.upload(url)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  }
  expect(world.server.requests.complete).toBe(0);
});

// fault U03
test("while the web server is away, its name is told as what is waited for", async () => {
  const { world, file, url } = await open();
  let isAway = true;
  file.before = (request) => {
    if (!isAway || /=0-0$/.exec(request.headers.range!) !== null) return false;
    request.socket.destroy();
    return true;
  };
  const outages: (string | undefined)[] = [];
  const onProgress = ({ outage }: TransferProgress): void => {
    if (outage === undefined) return;
    outages.push(outage.webServer);
    isAway = false;
  };
  const result = await world.upload(url, { onProgress });
  expect(await world.storedSha256(result.image.id)).toBe(sha256Of(fourParts));
  expect(new Set(outages)).toEqual(new Set([url.host]));
});

// fault U06
test("a proxy is honoured on the way to the web server", async () => {
  const { world, url } = await open();
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  vi.stubEnv("http_proxy", proxy.url);
  vi.stubEnv("no_proxy", `127.0.0.1:${world.port},127.0.0.1:${world.proxy.port}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  await world.upload(url);
  expect(proxy.forwarded).toContain(url.host);
});

/** Reproducible chance. */
const below = (seed: string, most: number): number =>
  createHash("sha256").update(seed).digest().readUInt32LE() % most;

// fault U05
test.each([1, 2, 3, 4])(
  "killed at random moments, up to three times, it ends as the right image (%i)",
  async (seed) => {
    const bytes = seededBytes(`killed ${seed}`, 6 * partBytes + 777);
    const { world, file, url } = await open(bytes);
    const options = JSON.stringify({ stateDir: world.stateDir, partBytes, lanes: 2 });
    for (let kill = 0; kill < 1 + below(`kills ${seed}`, 3); kill++) {
      let left = 1 + below(`moment ${seed} ${kill}`, 14);
      const child = runChild(world, `img.uploadImage(new URL("${url.href}"), ${options})`);
      const asked = new Promise<void>((resolve) => {
        const count = (): boolean => (--left === 0 && resolve(), false);
        file.before = count;
        world.server.faults.add({ on: "part", only: count, do: "reset", times: Infinity });
      });
      await Promise.race([asked, child.result]);
      await child.kill();
      world.server.faults.clear();
    }
    file.before = () => false;
    const [stored] = await fileJournals(world.stateDir).list();
    const doneBytes = stored === undefined ? 0 : describeJournal(stored).doneBytes;

    const result = await world.upload(url);

    expect(result.sentBytes).toBe(bytes.length - doneBytes);
    expect(await world.storedSha256(result.image.id)).toBe(sha256Of(bytes));
  },
);

// fault U05
test("after kill -9 only parts without a receipt are sent", async () => {
  const { world, url } = await open();
  world.server.faults.add({ on: "part", nth: 3, times: Infinity, do: "stall", afterBytes: 1000 });
  const options = JSON.stringify({ stateDir: world.stateDir, partBytes, lanes: 1 });
  const child = runChild(world, `img.uploadImage(new URL("${url.href}"), ${options})`);
  await receiptsIn(fileJournals(world.stateDir), 2);
  await child.kill();
  world.server.faults.clear();
  expect(await world.upload(url)).toMatchObject({ sentBytes: partBytes + 12_345 });
});

test("what is read ahead is part of the memory that an upload may take", async () => {
  const { world, url } = await open();
  await expect(world.upload(url, { memoryBytes: partBytes - 1 })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    option: "memoryBytes",
  });
  await world.upload(url, { memoryBytes: 2 * partBytes, lanes: 2 });
});
