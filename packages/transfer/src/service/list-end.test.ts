import { expect, test } from "vitest";
import { Rig } from "../testing/rig.js";
import { ListEnd } from "./list-end.js";

const page = (rig: Rig, cursor: string) => (): Response =>
  rig.service.json(200, { object: "list", has_more: true, cursor, data: [] });

test("a list whose cursors differ is followed to its end", () => {
  const end = new ListEnd();

  expect(() => {
    for (let n = 0; n < 5_000; n++) end.follow(`imagec_${n}`);
  }).not.toThrow();
});

// fault A05
test.each([1, 2, 3, 7, 100])("cursors that run in a circle of %i are noticed", (length) => {
  const end = new ListEnd();

  expect(() => {
    for (let n = 0; n < 5_000; n++) end.follow(`imagec_${n < 10 ? `before${n}` : n % length}`);
  }).toThrow(expect.objectContaining({ code: "WRONG_ANSWER" }) as Error);
});

test("looking for a name in a list whose cursors alternate ends with a typed error, soon", async () => {
  const rig = new Rig(new Uint8Array(1));
  const both = [page(rig, "imagec_a"), page(rig, "imagec_b")];
  rig.service.faults.list.push(...Array.from({ length: 20 }, () => both).flat());

  await expect(rig.download("disk")).rejects.toMatchObject({ code: "WRONG_ANSWER" });

  expect(rig.service.calls.length).toBeLessThan(10);
});

// fault A05
test("looking for a name in a list that grows for ever ends within the budget", async () => {
  const rig = new Rig(new Uint8Array(1));
  const fromMs = rig.clock.monotonicMs();
  let pages = 0;
  const slow = async (): Promise<Response> => {
    rig.service.faults.list.push(slow);
    await rig.clock.wait(1_000, new AbortController().signal);
    return page(rig, `imagec_${++pages}`)();
  };
  rig.service.faults.list.push(slow);

  await expect(rig.download("disk", { retryBudgetMs: 100_000 })).rejects.toMatchObject({
    code: "WRONG_ANSWER",
  });

  expect(rig.clock.monotonicMs() - fromMs).toBeLessThan(110_000);
});
