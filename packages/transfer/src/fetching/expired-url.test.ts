import { beforeEach, describe, expect, test } from "vitest";
import { MiB } from "../plan.js";
import { type GetFault, sha256Of } from "../testing/fake-service.js";
import { refusedGet } from "../testing/fake-store.js";
import { answered, endsAfter, right, storeRefusesGet } from "../testing/faults.js";
import { seededBytes } from "../testing/memory-ports.js";
import { Rig } from "../testing/rig.js";
import { expectWholeTarget } from "../testing/whole-target.js";

const bytes = seededBytes(10 * MiB + 3);
const sha256 = sha256Of(bytes);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
  rig.service.add("disk", "completed", bytes);
});

describe("a URL that has expired", () => {
  test("is minted once for all lanes that were refused at once", async () => {
    let refusals = 0;
    const expired: GetFault = async (request) => {
      refusals++;
      while (refusals < 2) await Promise.resolve(); // both other lanes are out with the same URL
      return refusedGet(request, 403, "AccessDenied");
    };
    rig.service.faults.getBytes.push(right, expired, expired);

    await rig.download("disk");

    expect(rig.service.calls.filter((call) => call === "downloadUrl")).toHaveLength(2);
    expectWholeTarget(rig);
  });

  test("again and again in a part that gets further each time is no reason to end", async () => {
    const expired = storeRefusesGet(403, "AccessDenied");
    const some = endsAfter(bytes, MiB);
    rig.service.faults.getBytes.push(...[1, 2, 3, 4].flatMap(() => [some, expired]));

    await rig.download("disk", { lanes: 1 });

    expectWholeTarget(rig);
  });

  test("at the first part that is asked for is minted again", async () => {
    rig.service.faults.getBytes.push(storeRefusesGet(403, "AccessDenied"));

    await rig.download("disk");

    expectWholeTarget(rig);
  });

  test("and a service that tells another size then: the image changed", async () => {
    rig.service.faults.getBytes.push(right, storeRefusesGet(403, "AccessDenied"));
    rig.service.faults.downloadUrl.push(
      (answer) => answer(),
      () =>
        rig.service.json(200, { url: "https://store.test/x", expires_at: 9e9, sha256, size: 7 }),
    );

    await expect(rig.download("disk", { lanes: 1 })).rejects.toMatchObject({
      code: "IMAGE_CHANGED",
    });
  });

  test("and a service that cannot be reached for a while: it is asked again", async () => {
    rig.service.faults.getBytes.push(right, storeRefusesGet(403, "AccessDenied"));
    rig.service.faults.downloadUrl.push((answer) => answer(), answered(503), answered(502));

    await rig.download("disk");

    expectWholeTarget(rig);
  });
});
