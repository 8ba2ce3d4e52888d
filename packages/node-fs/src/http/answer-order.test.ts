import { expect, test } from "vitest";
import { AnswerOrder } from "./answer-order.js";

/** What a test says of a connection and its request's body. */
const given = () => ({
  carried: 0,
  settled: true,
  done: true,
  begin() {
    return this.carried++ > 0;
  },
  onHeard: (): void => undefined,
});

// fault O03
test.each([
  ["after all has left, with nothing waiting before", {}, {}, true],
  ["while slices are still to be taken", {}, { done: false }, false],
  ["while the last slice waits in the socket", {}, { settled: false }, false],
  ["with something waiting to be read when the request was sent", { settled: false }, {}, false],
])("an answer that begins %s: sent first is %s", (_, atStart, atAnswer, sentFirst) => {
  const place = given();
  const order = new AnswerOrder(place, place);
  Object.assign(place, atStart);
  order.onStart();
  Object.assign(place, given(), { onHeard: place.onHeard }, atAnswer);
  place.onHeard();
  Object.assign(place, { settled: true, done: true });
  place.onHeard();
  order.onAnswer();
  expect(order.sentFirst).toBe(sentFirst);
});

test("an interim answer may come early, and is not the answer", () => {
  const place = given();
  const order = new AnswerOrder(place, place);
  order.onStart();
  place.done = false;
  place.onHeard();
  order.onInterim();
  place.done = true;
  order.onAnswer();
  expect(order.sentFirst).toBe(true);
});

test("a request without an answer was not sent first", () => {
  const place = given();
  const order = new AnswerOrder(place, null);
  order.onStart();
  expect(order.sentFirst).toBe(false);
});
