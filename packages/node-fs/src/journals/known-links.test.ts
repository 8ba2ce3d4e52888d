import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { realFileSystem } from "@img/files";
import type { KnownLinks } from "@img/transfer";
import { linksInFile } from "./known-links.js";

const server = "https://user:pass@api.example.com/v1?token=secret";
const learned = { lanes: 16, bytesPerSecond: 12e6 };
const hourSec = 3600;
let folder = "";
let nowSec = 1_700_000_000;

const open = (at: string = folder): KnownLinks => linksInFile(at, realFileSystem, () => nowSec);
const file = (): string => join(folder, "links.json");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "img-links-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

test("what a transfer learned is there for the next process, each way by itself", async () => {
  await open().keep(server, "up", learned);
  await open().keep(server, "down", { lanes: 8, bytesPerSecond: 1e6 });

  expect(await open().of(server, "up")).toEqual(learned);
  expect(await open().of(server, "down")).toEqual({ lanes: 8, bytesPerSecond: 1e6 });
  expect(await open().of("https://other.example.com", "up")).toBeNull();
  expect(await readdir(folder)).toEqual(["links.json"]);
});

test("the file has the server's host and figures, and nothing else", async () => {
  await open().keep(server, "up", learned);

  expect(JSON.parse(await readFile(file(), "utf8"))).toEqual({
    version: 1,
    links: { "api.example.com": { up: { ...learned, atSec: nowSec } } },
  });
});

test("after a day it is forgotten", async () => {
  await open().keep(server, "up", learned);
  nowSec += 23 * hourSec;
  expect(await open().of(server, "up")).toEqual(learned);
  nowSec += hourSec;
  expect(await open().of(server, "up")).toBeNull();
});

test("the 32 servers that were used last are kept", async () => {
  for (let n = 1; n <= 33; n++) await open().keep(`https://s${n}.example.com`, "up", learned);

  expect(await open().of("https://s1.example.com", "up")).toBeNull();
  expect(await open().of("https://s2.example.com", "up")).toEqual(learned);
  expect(await open().of("https://s33.example.com", "up")).toEqual(learned);
});

test.each([
  ["is empty", ""],
  ["is cut off", '{"version":1,"links":{"api.example.com":{"up":{"lanes":16'],
  ["is of another version", `{"version":2,"links":${links({ ...learned })}}`],
  ["has too many lanes", `{"version":1,"links":${links({ ...learned, lanes: 33 })}}`],
  ["has no rate", `{"version":1,"links":${links({ lanes: 8, bytesPerSecond: 0 })}}`],
  ["has text for figures", `{"version":1,"links":${links({ lanes: "8", bytesPerSecond: "1" })}}`],
  ["is a list", "[1]"],
  ["is huge", `{"version":1,"links":${links({ ...learned })}}${" ".repeat(100_000)}`],
])("a file that %s tells nothing, and is replaced", async (_, text) => {
  await writeFile(file(), text);

  expect(await open().of(server, "up")).toBeNull();
  await open().keep(server, "up", learned);
  expect(await open().of(server, "up")).toEqual(learned);
});

function links(given: object): string {
  return JSON.stringify({ "api.example.com": { up: { ...given, atSec: 1_700_000_000 } } });
}

test("a folder that is missing is no failure, and is not made", async () => {
  const missing = join(folder, "none");
  await open(missing).keep(server, "up", learned);

  expect(await open(missing).of(server, "up")).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that cannot be read or written is no failure", async () => {
  await writeFile(file(), "no folder");
  await open(file()).keep(server, "up", learned);

  expect(await open(file()).of(server, "up")).toBeNull();
});

test.each(["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1"])(
  "nothing is kept of %s, to which no link leads",
  async (here) => {
    await open().keep(here, "up", learned);

    expect(await open().of(here, "up")).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  },
);
