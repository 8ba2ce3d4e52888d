import { existsSync } from "node:fs";
import { Chromium } from "./chromium.js";
import { Firefox, firefoxProgram } from "./firefox.js";
import type { TestBrowser } from "./test-browser.js";
import { WebKit, webkitNeeds } from "./webkit.js";

/** A browser engine to run the tests in. */
export interface Engine {
  readonly name: "Chromium" | "Firefox" | "WebKit";
  /** What is missing on this machine; empty if the engine can run. */
  readonly missing: readonly string[];
  /** Of its tests. */
  readonly title: string;
  open(): Promise<TestBrowser>;
}

function engine(name: Engine["name"], programs: readonly string[], open: Engine["open"]): Engine {
  const missing = programs.filter((program) => !existsSync(program));
  return { name, missing, title: `in ${name}`, open };
}

export const engines: readonly Engine[] = [
  engine("Chromium", [], () => Chromium.unpack()),
  engine("Firefox", [firefoxProgram], () => Firefox.open()),
  engine("WebKit", webkitNeeds, () => WebKit.open()),
];

export const engineOf = (name: Engine["name"]): Engine => engines.find((one) => one.name === name)!;
