import { ESLint } from "eslint";
import { expect, test } from "vitest";

const lint = new ESLint();
const head = `import { kept, untilAborted } from "./kept.js";
export declare const work: () => Promise<number>;
export declare const take: (promise: Promise<number>) => void;
export declare const signal: AbortSignal;
`;

const bare = [
  "export const stored = work();",
  "export const either = Math.random() > 0.5 ? work() : null;",
  "export const made = new Promise<void>(() => undefined);",
  "export const holder = { stored: work() };",
  "export const all = [work()];",
  "take(work());",
  "export class Holder { stored = work(); }",
];
const handled = [
  "export const stored = kept(work());",
  "export const awaited = await work();",
  "export const told = work().catch(() => 0);",
  "export const both = await Promise.allSettled([work(), work()]);",
  "take(kept(work()));",
  "export const late = await untilAborted(work(), signal);",
  "export const later = (): Promise<number> => work();",
];

// The text is checked as a file that the rule applies to, so that it has types.
async function complaints(lines: readonly string[]): Promise<number[]> {
  const options = { filePath: "packages/transfer/src/promises/together.ts" };
  const [result] = await lint.lintText(head + lines.join("\n"), options);
  const ours = result!.messages.filter(({ ruleId }) => ruleId === "own/kept-promises");
  return ours.map(({ line }) => line - 5);
}

test("a promise that is stored or passed on without a handler does not pass the linter", async () => {
  expect(await complaints(bare)).toEqual(bare.map((_, index) => index));
});

test("one that is kept, awaited, returned or handled passes", async () => {
  expect(await complaints(handled)).toEqual([]);
});
