import {
  clockContract,
  digestContract,
  journalStoreContract,
  lockContract,
  sinkContract,
  sourceContract,
  transportContract,
  type DigestSuite,
  type JournalStoreSuite,
  type LockSuite,
  type SinkSuite,
  type SourceSuite,
  type ClockSuite,
  type TransportSuite,
} from "@img/transfer/contracts";
import type { Engine } from "./engines.js";

type Suite = Pick<DigestSuite, "test" | "cannot">;

/** How each port's subjects are opened; a page can, Node only lists the titles. */
export interface Openers {
  readonly journals: JournalStoreSuite["open"];
  readonly lock: LockSuite["open"];
  readonly source: SourceSuite["open"];
  readonly sink: SinkSuite["open"];
  readonly digest: DigestSuite["open"];
  readonly clock: ClockSuite["open"];
  readonly transport: TransportSuite["open"];
}

export type Port = keyof Openers;

const pickerReplaces =
  "the browser asks the user before it gives the page a handle of a file that is there";

const browserFollows =
  "XMLHttpRequest follows redirects unasked; the answer from elsewhere is no receipt";

const browserOwnsSockets = "the browser owns its sockets, and shows them to no page";

const socketTitles = [
  "the TLS handshake",
  "the body of its request",
  "the wait for its answer",
  "the body of its answer",
].map((moment) => `a socket that is aborted in ${moment} is closed, and the next one works`);

export interface Listed {
  readonly title: string;
  readonly run: () => void | Promise<void>;
}

const readsOnAnyhow =
  "this engine reads a file that was changed, and says nothing; every part is read again before the image is completed";
const grownIsNotRead = "what was appended is not part of the file that was chosen";

/** WebKit and Firefox refuse to read a file only where bytes are missing, and tell its former size and time. */
const unseenChanges: Readonly<Record<string, string>> = {
  "one that was overwritten is SourceChangedError when looked at": readsOnAnyhow,
  "one that was overwritten is SourceChangedError when read": readsOnAnyhow,
  "one that was replaced is SourceChangedError when looked at": readsOnAnyhow,
  "one that was replaced is SourceChangedError when read": readsOnAnyhow,
  "one that was grown is SourceChangedError when looked at": grownIsNotRead,
  "one that was grown is SourceChangedError when read": grownIsNotRead,
};

const noSyncAccess = "WebKitGTK has the private file system, but cannot write to it in place";

/** Titles that the engine's tests of a port cannot have, with the reason. */
const gapsOf = (engine: Engine["name"]): Partial<Record<Port, Suite["cannot"]>> => ({
  source: engine === "Chromium" ? {} : unseenChanges,
  sink: { "what came to the target meanwhile is not replaced": pickerReplaces },
  transport: {
    "a part that is redirected goes nowhere else": browserFollows,
    ...Object.fromEntries(socketTitles.map((title) => [title, browserOwnsSockets])),
  },
});

/** The tests of a port's suite, as far as the engine can pass them. */
export function contractOf(port: Port, open: Openers, engine: Engine["name"]): readonly Listed[] {
  const listed: Listed[] = [];
  const test = (title: string, run: Listed["run"]): unknown => listed.push({ title, run });
  if (port === "sink" && engine === "WebKit")
    test(`it keeps an image (not here: ${noSyncAccess})`, () => undefined);
  else suites[port]({ test, cannot: gapsOf(engine)[port] ?? {} }, open);
  return listed;
}

const suites: Record<Port, (suite: Suite, open: Openers) => void> = {
  journals: (suite, open) => journalStoreContract({ ...suite, open: open.journals }),
  lock: (suite, open) => lockContract({ ...suite, open: open.lock }),
  source: (suite, open) => sourceContract({ ...suite, open: open.source }),
  sink: (suite, open) => sinkContract({ ...suite, open: open.sink }),
  digest: (suite, open) => digestContract({ ...suite, open: open.digest }),
  clock: (suite, open) => clockContract({ ...suite, open: open.clock }),
  transport: (suite, open) => transportContract({ ...suite, open: open.transport }),
};
