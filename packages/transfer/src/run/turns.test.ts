import { expect, test } from "vitest";
import { turn } from "../testing/manual-clock.js";
import { Turns, type TurnTaker } from "./budgets.js";

const { signal } = new AbortController();
const takers = (): [TurnTaker, TurnTaker, TurnTaker] => [taker(0), taker(1), taker(2)];
const taker = (order: number): TurnTaker => ({ order, turns: 0 });

/** Asks for a turn for each, and tells in which order they begin. */
function asks(turns: Turns, of: readonly TurnTaker[]): { began: number[]; ends: (() => void)[] } {
  const began: number[] = [];
  const ends: (() => void)[] = [];
  for (const one of of) {
    void turns.take(one, signal).then((end) => {
      began.push(one.order);
      ends.push(end);
    });
  }
  return { began, ends };
}

test("there are never more turns than lanes, over all transfers", async () => {
  const turns = new Turns(() => 2);
  const [first, second, third] = takers();
  const { began, ends } = asks(turns, [first, second, third]);
  await turn();
  expect([began, turns.taken]).toEqual([[0, 1], 2]);

  ends[0]!();
  await turn();

  expect([began, turns.taken]).toEqual([[0, 1, 2], 2]);
});

test("each transfer that waits gets a turn before another gets a second", async () => {
  const turns = new Turns(() => 2);
  const [first, second, third] = takers();
  const { began, ends } = asks(turns, [first, first, first, third, second]);
  await turn();
  expect(began).toEqual([0, 0]);

  ends[0]!();
  ends[1]!();
  await turn();

  expect(began).toEqual([0, 0, 1, 0]); // its only one ended, so that it was the earliest without any
});

test("of transfers that have a turn already, the earliest gets the next", async () => {
  const turns = new Turns(() => 3);
  const [first, second] = takers();
  const { began, ends } = asks(turns, [second, first, second, second, first]);
  await turn();
  expect(began).toEqual([1, 0, 1]);

  ends[0]!();
  await turn();

  expect(began).toEqual([1, 0, 1, 0]);
});

test("an aborted wait rejects with the reason and takes no turn", async () => {
  const turns = new Turns(() => 1);
  const [first, second, third] = takers();
  const end = await turns.take(first, signal);
  const stop = new AbortController();
  const stopped = turns.take(second, stop.signal);
  const { began } = asks(turns, [third]);

  stop.abort(new Error("stopped"));
  await expect(stopped).rejects.toThrow("stopped");
  end();
  await turn();

  expect([began, second.turns, turns.taken]).toEqual([[2], 0, 1]);
  await expect(turns.take(second, stop.signal)).rejects.toThrow("stopped");
});

test("a turn that begins as its wait is aborted goes to the next", async () => {
  const turns = new Turns(() => 1);
  const [first, second, third] = takers();
  const end = await turns.take(first, signal);
  const stop = new AbortController();
  const stopped = turns.take(second, stop.signal);
  const { began } = asks(turns, [third]);

  end();
  stop.abort(new Error("stopped"));

  await expect(stopped).rejects.toThrow("stopped");
  await turn();
  expect([began, turns.taken]).toEqual([[2], 1]);
});

test("more lanes let those that wait begin", async () => {
  let lanes = 1;
  const turns = new Turns(() => lanes);
  const { began } = asks(turns, takers());
  await turn();

  lanes = 2;
  turns.serve();
  await turn();

  expect(began).toEqual([0, 1]);
});
