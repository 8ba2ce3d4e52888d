/**
 * What the engine needs of a platform. An adapter implements these; the suites in `contracts/` say
 * whether it did. Every call that waits takes a signal and rejects with `signal.reason` once aborted.
 */
export type { Digest, DigestSaving, PartHash, SavedDigest } from "./ports/digest.js";
export type {
  JournalFile,
  JournalKey,
  JournalStore,
  LockHolder,
  StoredJournal,
} from "./ports/journal-store.js";
export type { KnownLinks, LearnedLink, LinkDirection } from "./ports/known-links.js";
export type { Clock, Platform, TracedCall, TracedPart, TracedPiece } from "./ports/platform.js";
export type { Sink, SinkSize, StreamSink } from "./ports/sink.js";
export type {
  AnySource,
  Identity,
  Reading,
  SequentialSource,
  Source,
  StreamSource,
} from "./ports/source.js";
export type {
  AnswerHead,
  GetAnswer,
  GetRequest,
  PartTransport,
  PutAnswer,
  PutRequest,
} from "./ports/transport.js";
