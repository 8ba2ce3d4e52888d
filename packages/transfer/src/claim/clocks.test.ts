import { beforeEach, describe, expect, test } from "vitest";
import { sha256Of, type ApiFault } from "../testing/fake-service.js";
import { answerLost, unreachable } from "../testing/faults.js";
import { seededBytes } from "../testing/memory-ports.js";
import { theImage } from "../testing/one-upload.js";
import { Rig } from "../testing/rig.js";

const bytes = seededBytes(1_000);
let rig: Rig;

beforeEach(() => {
  rig = new Rig(bytes);
});

const callsOf = (call: string): number => rig.service.calls.filter((c) => c === call).length;

/** A proxy puts its own `Date` on each answer. */
function proxyIsOff(offSec: number): void {
  const dated: ApiFault = async (answer) => {
    rig.service.faults.list.push(dated);
    const right = answer();
    const date = new Date(rig.clock.wallMs() + offSec * 1000).toUTCString();
    return new Response(await right.text(), { status: right.status, headers: { date } });
  };
  rig.service.faults.list.push(dated);
}

const off = [-86_400, -3_600, -40, -3, 40, 3_600, 86_400];

describe("a create of ours whose answer is lost is adopted, and no second one is sent,", () => {
  // fault A02
  test.each(off)("where a proxy's Date is %i s off", async (offSec) => {
    proxyIsOff(offSec);
    rig.service.faults.start.push(answerLost);

    const { image } = await rig.upload();

    expect(callsOf("start")).toBe(1);
    expect(image).toMatchObject({ id: theImage(rig).wire.id, sha256: sha256Of(bytes) });
  });

  // fault A02
  test.each(off)("where our own clock is %i s off", async (offSec) => {
    proxyIsOff(offSec);
    rig.service.faults.start.push((answer) => {
      answer();
      theImage(rig).wire.created_at += offSec;
      return unreachable(answer);
    });

    await rig.upload();

    expect(callsOf("start")).toBe(1);
  });
});

// fault A02
test.each([-86_400, 86_400])(
  "an unfinished image that was there before is not taken for ours, though a proxy's Date is %i s off",
  async (offSec) => {
    const theirs = rig.service.add("disk", "started");
    theirs.wire.created_at += offSec / 2;
    proxyIsOff(offSec);
    rig.service.faults.start.push(unreachable);

    await expect(rig.upload()).rejects.toMatchObject({ code: "NAME_TAKEN" });

    expect(theirs.parts.size).toBe(0);
  },
);
