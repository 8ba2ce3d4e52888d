import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Fault } from "@img/local-server";
import { Chromium, type ChromiumPage } from "./testing/chromium.js";
import { bytesFrom, MiB, partBytes, Rig, sha256Of, type Tab } from "./testing/rig.js";
import { pageScripts, type Scripts } from "./testing/scripts.js";

/** The page's sources. A function given to `evaluate` runs there, and sees no other name of this file. */
declare const img: typeof import("./testing/transfer-page.js");

const image = bytesFrom("an image", 2 * partBytes + 1);
const sha256 = sha256Of(image);
const whole = { sha256, movedBytes: image.length, resumed: false };

let chromium: Chromium;
let scripts: Scripts;
let rig: Rig<ChromiumPage>;
let tab: Tab<ChromiumPage>;

beforeAll(async () => {
  [chromium, scripts] = await Promise.all([Chromium.unpack(), pageScripts("transfer-page.ts")]);
});
afterAll(() => chromium.close());
beforeEach(async () => {
  rig = await Rig.open(chromium, scripts, image);
  tab = await rig.openTab();
});
afterEach(() => rig.close());

describe("an upload from a page of another origin", () => {
  test("sends each part once, and the service finds the digest right", async () => {
    expect(await tab.upload({ lanes: 4 })).toEqual(whole);
    expect(rig.server.requests).toMatchObject({ create: 1, part: 3, complete: 1 });
  });

  test("leaves no journal", async () => {
    await tab.upload();
    expect(await tab.page.evaluate(() => img.listTransfers())).toEqual([]);
  });

  test("of a name that another image has is refused", async () => {
    const { server } = rig;
    const headers = { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ name: tab.order().name });
    await fetch(`${server.url}/v2/images`, { method: "POST", headers, body });
    expect(await tab.upload()).toMatchObject({ code: "NAME_TAKEN" });
  });

  test("of a file that is uploaded already sends nothing", async () => {
    await tab.upload();
    expect(await tab.upload()).toEqual({ sha256, movedBytes: 0, resumed: true });
    expect(rig.server.requests).toMatchObject({ create: 1, part: 3 });
  });

  test("that was forgotten starts over, and its unfinished image is gone", async () => {
    rig.server.faults.add({ on: "part", partId: 2, do: "stall" });
    await tab.beginUpload();
    await tab.reaches(1);
    await tab.page.evaluate(() => img.abort());
    await tab.outcome();
    await tab.page.evaluate(async (order) => {
      const client = img.clientOf(order);
      await img.forgetUpload(order.name, { client, deleteImage: true });
    }, tab.order());
    expect(await tab.upload()).toEqual(whole);
    expect(rig.server.requests).toMatchObject({ create: 2, delete: 1 });
  });

  const faults: Record<string, Fault> = {
    "a connection reset in the middle of a part": {
      on: "part",
      partId: 2,
      do: "reset",
      afterBytes: 2_000_000,
    },
    "503 SlowDown": { on: "part", partId: 2, do: "answer", status: 503, code: "SlowDown" },
    "403, the URL has expired": { on: "part", partId: 2, do: "answer", status: 403 },
    "403 before the body was read": {
      on: "part",
      partId: 2,
      do: "answer",
      status: 403,
      when: "early",
      socket: "reset",
    },
    "an answer that was lost": { on: "part", partId: 2, do: "lose-answer", by: "reset" },
    "an answer without ETag": { on: "part", partId: 2, do: "headers", headers: { ETag: null } },
  };
  test.each(Object.entries(faults))("survives %s", async (_, fault) => {
    const added = rig.server.faults.add(fault);
    expect(await tab.upload()).toEqual(whole);
    expect(added.hits).toBe(1);
  });

  test("whose store stops reading in the middle of a part ends that try as a stall, not by its answer", async () => {
    // More than what the machine's sockets hold, or nothing would seem to stall.
    const bytes = 24 * MiB;
    const stalled = rig.server.faults.add({
      on: "part",
      do: "trickle",
      bytesPerSec: 1,
      afterBytes: MiB,
    });
    const order = tab.order({ partBytes: bytes, stallMs: 3_000, retryBudgetMs: 0 });
    const uploaded = () =>
      tab.page.evaluate(
        ([order, bytes]) => {
          img.beginUpload(order, new File([new Uint8Array(bytes)], "disk"));
          return img.outcome();
        },
        [order, bytes] as const,
      );
    expect(await uploaded()).toMatchObject({
      code: "NO_PROGRESS",
      message: expect.stringContaining("no byte moved") as string,
    });
    expect(stalled.hits).toBe(1);
    expect(await uploaded()).toMatchObject({ movedBytes: bytes });
  });

  test("takes no redirect of a part for a receipt", async () => {
    const headers = { location: `${rig.server.url}/healthz`, "access-control-allow-origin": "*" };
    rig.server.faults.add({ on: "part", do: "answer", status: 303, headers });
    expect(await tab.upload({ retryBudgetMs: 0 })).not.toHaveProperty("sha256");
    expect(rig.server.requests.complete).toBe(0);
  });

  test("tells no secret: neither token nor presigned URL is in an error or the journal", async () => {
    rig.server.faults.add({ on: "part", do: "answer", status: 400, times: Infinity });
    const outcome = await tab.upload();
    expect(outcome).toMatchObject({ code: "PART_REFUSED" });
    const journal = await tab.page.evaluate(async () => JSON.stringify(await img.listTransfers()));
    for (const text of [JSON.stringify(outcome), journal, await tab.storedText()]) {
      expect(text).not.toContain(rig.server.token);
      expect(text).not.toMatch(/\/objects\/|signature/i);
    }
  });
});

describe("a download into the private file system", () => {
  beforeEach(() => tab.upload({ lanes: 4 }));

  const target = () => tab.page.evaluate(() => img.sha256OfPrivate("copy.img"));

  test("is verified, takes its place, and leaves no part file and no journal", async () => {
    expect(await tab.download("copy.img", { lanes: 4 })).toEqual(whole);
    expect(await target()).toBe(sha256);
    expect(await tab.page.evaluate(() => img.privateNames())).toEqual(["copy.img"]);
    expect(await tab.page.evaluate(() => img.listTransfers())).toEqual([]);
  });

  test("resumes with the ranges that have no receipt after the browser was killed", async () => {
    rig.server.faults.add({ on: "download", nth: 2, do: "stall", afterBytes: 1_000_000 });
    await tab.beginDownload("copy.img");
    await tab.reaches(1);
    await chromium.kill();
    tab = await rig.openTab();
    expect(await tab.download("copy.img")).toEqual({
      sha256,
      movedBytes: image.length - partBytes,
      resumed: true,
    });
    expect(await target()).toBe(sha256);
  });

  test("in two tabs at once: one continues, the other says so", async () => {
    rig.server.faults.add({ on: "download", nth: 2, do: "stall" });
    await tab.beginDownload("copy.img");
    await tab.reaches(1);
    const other = await rig.openTab();
    expect(await other.download("copy.img")).toMatchObject({ code: "TRANSFER_LOCKED" });
  });

  test("with a bit flipped is an error, and the target is as it was", async () => {
    rig.server.faults.add({ on: "download", nth: 2, do: "flip-bit", atByte: 77 });
    expect(await tab.download("copy.img")).toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(await target()).toBe(sha256Of(Buffer.alloc(0)));
  });

  test("with a connection reset in the middle continues from there", async () => {
    const fault = rig.server.faults.add({
      on: "download",
      nth: 2,
      do: "reset",
      afterBytes: 2_000_000,
    });
    expect(await tab.download("copy.img")).toEqual(whole);
    expect(fault.hits).toBe(1);
  });

  test("from a store that ignores ranges is one stream", async () => {
    rig.server.faults.add({ on: "download", do: "ignore-range", times: Infinity });
    expect(await tab.download("copy.img")).toEqual(whole);
    expect(await target()).toBe(sha256);
  });
});

describe("when the browser gives no more space", () => {
  const giveOnly = async (quotaSize: number): Promise<void> => {
    const cdp = await tab.page.context().newCDPSession(tab.page);
    await cdp.send("Storage.overrideQuotaForOrigin", { origin: rig.pages.origin, quotaSize });
  };

  test("a download that will not fit is refused before a byte comes", async () => {
    await tab.upload({ lanes: 4 });
    await giveOnly(10_000_000);
    expect(await tab.download("copy.img")).toMatchObject({ code: "NOT_ENOUGH_SPACE" });
    expect(rig.server.requests.download).toBe(1); // of its first part nothing was taken
  });

  test("an upload's journal cannot be written: it says so, and completes nothing", async () => {
    await giveOnly(1);
    expect(await tab.upload()).toMatchObject({ code: "JOURNAL_IO" });
    expect(rig.server.requests.complete).toBe(0);
  });
});

describe("in a workspace", () => {
  const lab = { workspace: "sfc:workspace:default:lab" };

  test("an upload is kept, listed and resumed apart from one of the same name elsewhere", async () => {
    rig.server.faults.add({ on: "part", partId: 2, do: "stall" });
    await tab.beginUpload(lab);
    await tab.reaches(1);
    await tab.page.evaluate(() => img.abort());
    await tab.outcome();
    expect(await tab.upload()).toEqual(whole);
    const listed = (workspace: string) =>
      tab.page.evaluate(async (workspace) => {
        const all = await img.listTransfers({ workspace });
        return all.map(({ key }) => key.workspace);
      }, workspace);
    expect(await listed(lab.workspace)).toEqual([lab.workspace]);
    expect(await listed("wksp_1")).toEqual([]);
    expect(await tab.upload(lab)).toEqual({
      sha256,
      movedBytes: image.length - partBytes,
      resumed: true,
    });
  });

  test("a download finds the image by its name, and one that is no workspace is refused", async () => {
    await tab.upload(lab);
    expect(await tab.download("copy.img")).toMatchObject({ code: "IMAGE_NOT_FOUND" });
    expect(await tab.download("copy.img", lab)).toEqual(whole);
    const before = { ...rig.server.requests };
    const refused = await tab.download("copy.img", { workspace: "lab" });
    expect(refused).toMatchObject({ code: "INVALID_OPTION" });
    expect({ ...rig.server.requests }).toEqual(before);
  });
});
